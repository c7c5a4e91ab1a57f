import type { SandboxRequest } from '../../types/testing.js';

/** Headers without credentials, for showing and storing: a request may carry a real key by mistake. */
export function redact(headers: SandboxRequest['headers']): SandboxRequest['headers'] {
  const hidden = Object.keys(headers).filter((name) => /^(?:proxy-)?authorization$|^cookie$/.test(name));
  return { ...headers, ...Object.fromEntries(hidden.map((name) => [name, '[redacted]'])) };
}
