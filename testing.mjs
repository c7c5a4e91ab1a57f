import testing from './testing.js';

export const { createSandbox, SandboxError } = testing;
