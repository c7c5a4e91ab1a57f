import { clearTimeout, setTimeout } from '#platform';
import type { AbortSignalLike } from '../../../index.js';
import type { OutboxStats } from '../../../types/outbox.js';
import { abortError, onAbort } from '../../client/abort-signal.ts';

/** Milliseconds between two polls. */
const FIRST_WAIT = 25;
const LONGEST_WAIT = 1000;

/** Resolves when nothing is pending or sending; rejects when the signal fires. */
export async function pollUntilDrained(
  stats: () => Promise<Pick<OutboxStats, 'pending' | 'sending'>>,
  signal: AbortSignalLike | undefined,
): Promise<void> {
  for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 1.5, LONGEST_WAIT)) {
    const { pending, sending } = await abortable(stats(), signal);
    if (pending + sending === 0) return;
    await pause(wait, signal);
  }
}

function pause(milliseconds: number, signal: AbortSignalLike | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout>;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  return abortable(over, signal).finally(() => clearTimeout(timer));
}

/** The promise, or a rejection as soon as the signal fires. */
async function abortable<T>(promise: Promise<T>, signal: AbortSignalLike | undefined): Promise<T> {
  if (signal === undefined) return promise;
  if (signal.aborted) throw abortError(signal);
  let stopListening = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stopListening = onAbort(signal, () => reject(abortError(signal)));
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    stopListening();
  }
}
