import type { SandboxError as Contract } from '../types/testing.js';

/** Misuse of the sandbox, or a wait that ended without a result. */
export class SandboxError extends Error implements Contract {
  readonly code: Contract['code'];

  constructor(code: Contract['code'], message: string) {
    super(message);
    this.code = code;
  }
}
Object.defineProperty(SandboxError.prototype, 'name', { value: 'SandboxError', configurable: true, writable: true });
