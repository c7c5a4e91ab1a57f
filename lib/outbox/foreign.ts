import { warnOnce } from '../client/warn.ts';

/** Warns, once per outbox, of entries that nobody delivers here. */
export function warnOfForeign(count: number, outbox: string, remedy: string): void {
  warnOnce(
    `${outbox} holds ${count === 1 ? '1 entry' : `${count} entries`} of another API key or baseUrl, and leaves them alone. ` +
      `If the key was replaced, take them over with outbox.adopt(); if they are of another application, ${remedy}.`,
    'REFPORT_OUTBOX_FOREIGN',
  );
}
