import { emitWarning } from '#platform';

const given = new Set<string>();

/** A process warning, given once per process and text. */
export function warnOnce(message: string, code: string): void {
  if (given.has(message)) return;
  given.add(message);
  emitWarning(message, code);
}
