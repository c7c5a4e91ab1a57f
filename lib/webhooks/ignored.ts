import type { IgnoredReason } from '../../types/webhooks.js';

// Why an event gives no sale.

export class Ignored {
  readonly reason: IgnoredReason;
  /** One sentence for the developer; holds ids and names of fields, never personal data. */
  readonly detail: string;

  constructor(reason: IgnoredReason, detail: string) {
    this.reason = reason;
    this.detail = detail;
  }
}

/**
 * For an argument that is no event of this processor.
 *
 * @param expected what to pass, for the end of a sentence
 * @param hint names a part of an event that was passed instead of it
 */
export function notAnEvent(value: unknown, expected: string, hint?: string): Ignored {
  return new Ignored('not-an-event', `${hint ?? described(value)}. Pass ${expected}.`);
}

function described(value: unknown): string {
  if (typeof value === 'string')
    return 'This is a string, perhaps the raw body: it has to be verified and parsed first';
  if (ArrayBuffer.isView(value))
    return 'This is a buffer, perhaps the raw body: it has to be verified and parsed first';
  if (typeof value !== 'object' || value === null) return `This is ${value === null ? 'null' : typeof value}`;
  if ('then' in value) return 'This is a promise: it has to be awaited first';
  return 'The fields of an event are missing';
}
