'use strict';

/** Misuse of the sandbox, or a wait that ended without what it waited for. */
class SandboxError extends Error {
  /**
   * @param {'INVALID_OPTION' | 'TIMEOUT' | 'CLOSED' | 'RESET'} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}
Object.defineProperty(SandboxError.prototype, 'name', { value: 'SandboxError', configurable: true, writable: true });

exports.SandboxError = SandboxError;
