import type { OutboxEntries, OutboxEntry, OutboxStatus } from '../protocol.ts';
import { type Filter, hasWords } from './model.ts';

const INTERVAL = 1000;

/** The app's outbox, read again every second while the page is visible. */
export class Outbox {
  entries: OutboxEntry[] = [];
  status: OutboxStatus | undefined;
  /** Whether the entries are shown; otherwise they are only counted. */
  isShown = false;
  #onChange: () => void;

  #timer: number | undefined;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  start(): void {
    this.#timer ??= window.setInterval(() => {
      if (!document.hidden) this.read();
    }, INTERVAL);
    this.read();
  }

  async read(): Promise<void> {
    try {
      const status: OutboxStatus = await (await fetch('/_sandbox/outbox')).json();
      const { entries } = this.isShown && status.error === null ? await readEntries() : { entries: [] };
      const before = JSON.stringify([this.status, this.entries]);
      [this.status, this.entries] = [status, entries];
      if (JSON.stringify([status, entries]) !== before) this.#onChange();
    } catch {
      // The sandbox is gone; the event stream says so.
    }
  }

  find(id: string): OutboxEntry | undefined {
    return this.entries.find((entry) => entry.id === id);
  }

  filter(filter: Filter): OutboxEntry[] {
    return this.entries.filter((entry) => matchesEntry(filter, entry));
  }
}

const readEntries = async (): Promise<OutboxEntries> => (await fetch('/_sandbox/outbox/entries')).json();

export const matchesEntry = ({ text, errorsOnly }: Filter, entry: OutboxEntry): boolean =>
  (!errorsOnly || entry.state === 'parked' || entry.error !== null) && hasWords(text, () => textOfEntry(entry));

const textOfEntry = ({ id, call, customerId, state, reason, error }: OutboxEntry) => [
  ...[id, `track.${call}`, customerId, state, reason, error?.status, error?.code, error?.message],
];

/** `2 pending, 1 parked`. */
export function countStates(entries: OutboxEntry[]): string {
  const counts = new Map<string, number>();
  for (const { state } of entries) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count.toLocaleString()} ${state}`).join(', ') || 'nothing';
}
