export { SandboxError } from '../sandbox/errors.js';
export { createSandbox } from '../sandbox/sandbox.js';
