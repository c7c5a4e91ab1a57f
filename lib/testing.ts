export { SandboxError } from '../sandbox/errors.ts';
export { createSandbox } from '../sandbox/sandbox.ts';
