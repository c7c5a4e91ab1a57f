import type { AbortSignalLike } from '../../../index.js';
import type {
  OutboxEntry,
  OutboxEvents,
  OutboxStats,
  ParkedEntry,
  ParkedReason,
  Recorded,
} from '../../../types/outbox.js';
import { RefportValidationError } from '../../client/errors.ts';
import type { EngineClient, EngineOutbox, OutboxSettings } from '../../engine/engine.ts';
import { errorFromFailure } from '../../engine/native/outbox-channel.ts';
import { selectEngine } from '../../engine/select.ts';
import type { CallName, Conversion } from '../conversion.ts';
import { type DeliveryEvents, isDeliveryObserved } from '../delivery-events.ts';
import { warnOfForeign } from '../foreign.ts';
import type { EntryState, ListedEntry } from '../listed-entry.ts';
import type { OperatorStore, OutboxStore } from '../outbox-base.ts';
import { serializeError } from '../serialized-error.ts';

type Failure = Parameters<typeof errorFromFailure>[0];

/** An entry as src/bridge/outbox writes it. */
interface RawEntry {
  readonly seq: number;
  readonly id: string;
  readonly call: CallName;
  readonly params: unknown;
  readonly state: EntryState;
  readonly reason: ParkedReason | null;
  readonly error: Failure | null;
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly recordedAt: number;
  readonly deliverAt: number | null;
}

/** An event as src/bridge/outbox writes it. */
type RawEvent =
  | { readonly type: 'delivered'; readonly entry: RawEntry; readonly response: OutboxEvents['delivered'][1] }
  | { readonly type: 'parked'; readonly entry: RawEntry }
  | { readonly type: 'paused'; readonly error: Failure; readonly until: number }
  | { readonly type: 'resumed' }
  | { readonly type: 'foreign'; readonly entries: number };

/** Numbers of the states (src/outbox/entry.rs). */
const STATES = { pending: 0, sending: 1, parked: 2, held: 3 };
const CALLS = { lead: 0, sale: 1 };
/** Entries read at a time. */
const PAGE = 500;

/** Open outboxes work until they are closed, whether or not somebody still holds them. */
const open = new Set<FileStore>();

/** The entries in a SQLite file. src/outbox does the work, on a thread of its own. */
export class FileStore implements OutboxStore, OperatorStore {
  readonly #path: string;
  readonly #native: EngineOutbox;
  readonly #events: DeliveryEvents | undefined;
  #wantsDeliveries = false;

  /** @param client - without one nothing is delivered */
  constructor(settings: OutboxSettings, client: EngineClient | undefined, events?: DeliveryEvents) {
    const { openOutbox } = selectEngine();
    if (openOutbox === undefined) {
      throw new RefportValidationError(
        'refport/outbox needs the native engine, and this process uses fetch. Use refport/outbox/bullmq (Redis) or ' +
          'refport/outbox/pg-boss (Postgres) instead, or let the payment processor send its webhook again',
      );
    }
    this.#path = settings.path;
    this.#events = events;
    this.#native = openOutbox(settings, client, (event) => this.#onEvent(event as RawEvent));
    if (isDeliveryObserved()) this.wantDeliveries();
    open.add(this);
  }

  /** Makes the addon report each delivery, which takes time. */
  wantDeliveries(): void {
    if (this.#wantsDeliveries) return;
    this.#wantsDeliveries = true;
    this.#native.wantDeliveries(true);
  }

  async record(conversion: Conversion): Promise<Recorded> {
    const { call, id, customer, isIdempotent, retryAmbiguous, deliverAt, params } = conversion;
    if (isDeliveryObserved()) this.wantDeliveries();
    const argument = [CALLS[call], id ?? null, customer, isIdempotent, retryAmbiguous, deliverAt?.getTime() ?? null];
    return (await this.#native.send('record', JSON.stringify(argument), params)) as Recorded;
  }

  async *parked(): AsyncGenerator<ParkedEntry> {
    for await (const raw of this.#list('parked')) yield parkedEntry(raw);
  }

  async *entries(state?: EntryState): AsyncGenerator<ListedEntry> {
    for await (const raw of this.#list(state)) yield listedEntry(raw);
  }

  async find(id: string): Promise<ListedEntry | undefined> {
    const [raw] = (await this.#ask('show', id)) as RawEntry[];
    return raw && listedEntry(raw);
  }

  async resend(id: string): Promise<boolean> {
    return (await this.#ask('resend', id)) as boolean;
  }

  async discard(id: string): Promise<boolean> {
    return (await this.#ask('discard', id)) as boolean;
  }

  async stats(): Promise<OutboxStats> {
    const stats = (await this.#native.send('stats')) as Omit<OutboxStats, 'oldest'> & { oldest: number | null };
    return { ...stats, oldest: stats.oldest === null ? null : new Date(stats.oldest) };
  }

  async resume(): Promise<boolean> {
    return (await this.#native.send('resume')) as boolean;
  }

  async adopt(): Promise<number> {
    return (await this.#native.send('adopt')) as number;
  }

  async erase(customer: string): Promise<number> {
    return (await this.#ask('erase', customer)) as number;
  }

  async backup(path: string): Promise<void> {
    await this.#ask('backup', path);
  }

  async drained(signal: AbortSignalLike | undefined): Promise<void> {
    await this.#native.send('drained', '', '', signal);
  }

  async close(timeout = 0): Promise<void> {
    await this.#native.send('close', String(timeout));
    open.delete(this);
  }

  #ask(command: string, argument: string): Promise<unknown> {
    return this.#native.send(command, JSON.stringify(argument));
  }

  async *#list(state: EntryState | undefined): AsyncGenerator<RawEntry> {
    const number = state === undefined ? null : STATES[state];
    for (let after = 0; ; ) {
      const page = (await this.#native.send('list', JSON.stringify([number, after, PAGE]))) as RawEntry[];
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      after = last.seq;
    }
  }

  #onEvent(event: RawEvent): void {
    const events = this.#events;
    if (events === undefined) return;
    switch (event.type) {
      case 'delivered':
        events.emit('delivered', outboxEntry(event.entry), event.response);
        break;
      case 'parked': {
        const entry = parkedEntry(event.entry);
        events.emit('parked', entry, entry.error);
        break;
      }
      case 'paused':
        events.emit('paused', { error: errorFromFailure(event.error), until: new Date(event.until) });
        break;
      case 'resumed':
        events.emit('resumed');
        break;
      case 'foreign':
        warnOfForeign(event.entries, `The outbox at ${this.#path}`, 'choose another path');
    }
  }
}

function outboxEntry({ id, call, params, attempts, recordedAt }: RawEntry): OutboxEntry {
  return { id, call, params, attempts, recordedAt: new Date(recordedAt) } as OutboxEntry;
}

function parkedEntry(raw: RawEntry): ParkedEntry {
  const error = raw.error && errorFromFailure(raw.error);
  return { ...outboxEntry(raw), reason: raw.reason, error } as ParkedEntry;
}

function listedEntry(raw: RawEntry): ListedEntry {
  const { state, reason, deliverAt, error } = raw;
  return {
    ...outboxEntry(raw),
    state,
    reason,
    deliverAt: deliverAt === null ? null : new Date(deliverAt),
    error: error && serializeError(errorFromFailure(error)),
  };
}

/** An operator changes nothing that has a bound, and begins no delivery: a command ends at once. */
const OPERATOR_SETTINGS = { create: false, concurrency: 0, maxEntries: 1, maxAge: 1, keepRejected: 1, adopt: false };

/** The entries as an operator works with them. Processes that have the file open notice. */
export function openFileStore(path: string, settings: Partial<OutboxSettings>, client?: EngineClient): FileStore {
  return new FileStore({ ...OPERATOR_SETTINGS, ...settings, path }, client);
}
