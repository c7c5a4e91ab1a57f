import { startSandbox } from '../sandbox/sandbox.ts';
import type { Sandbox, SandboxOptions } from '../types/testing.js';
import { openOutbox } from './cli/sandbox/open-outbox.ts';

export { SandboxError } from '../sandbox/errors.ts';

export async function createSandbox(options?: SandboxOptions): Promise<Sandbox> {
  return await startSandbox(options, openOutbox);
}
