import type { SandboxOutbox } from '../../types/testing.js';
import { type Answer, errorAnswer, jsonAnswer } from '../http/answer.ts';
import type { OutboxEntry, OutboxEntryDetails, OutboxStatus } from './protocol.ts';

/** An entry as the outbox command lists it. */
export interface ListedEntry extends Pick<OutboxEntryDetails, 'id' | 'call' | 'state' | 'reason' | 'attempts'> {
  readonly recordedAt: Date;
  readonly deliverAt: Date | null;
  readonly params: { customerExternalId: string };
  readonly error: { code?: string | undefined; message: string; status?: number | undefined } | null;
}

/** An outbox as the outbox command works with it: nothing is delivered. */
export interface OutboxStore {
  stats(): Promise<{ pending: number; held: number; sending: number; parked: number }>;
  entries(): AsyncIterable<ListedEntry>;
  find(id: string): Promise<ListedEntry | undefined>;
  resend(id: string): Promise<boolean>;
  discard(id: string): Promise<boolean>;
  close(): Promise<void>;
}

export type OpenOutbox = (place: SandboxOutbox) => Promise<OutboxStore>;

const MAX_ENTRIES = 1000;

/** The app's outbox for the dashboard. Opened when it is first asked for, and again after a failure. */
export class OutboxView {
  #place: SandboxOutbox;
  #open: OpenOutbox;
  #store: Promise<OutboxStore> | undefined;

  constructor(place: SandboxOutbox, open: OpenOutbox) {
    this.#place = place;
    this.#open = open;
  }

  /** Where the outbox is, without credentials. */
  get place(): string {
    if ('path' in this.#place) return this.#place.path;
    const url = new URL('redis' in this.#place ? this.#place.redis : this.#place.postgres);
    return `${url.protocol}//${url.host}${url.pathname}`;
  }

  /** An outbox that cannot be read is an answer too: the app may not have created it yet. */
  async status(): Promise<Answer> {
    const answer = await this.#use(async (store) => {
      const { pending, held, sending, parked } = await store.stats();
      return jsonAnswer(200, { pending, held, sending, parked, error: null } satisfies OutboxStatus);
    });
    return { ...answer, status: 200 };
  }

  list(): Promise<Answer> {
    return this.#use(async (store) => {
      const entries: OutboxEntry[] = [];
      for await (const entry of store.entries()) {
        if (entries.push(viewEntry(entry)) === MAX_ENTRIES) break;
      }
      return jsonAnswer(200, { entries });
    });
  }

  show(id: string): Promise<Answer> {
    return this.#use(async (store) => {
      const entry = await store.find(id);
      return entry ? jsonAnswer(200, { ...viewEntry(entry), params: entry.params }) : GONE;
    });
  }

  resend(id: string): Promise<Answer> {
    return this.#use(async (store) => ((await store.resend(id)) ? jsonAnswer(200, {}) : GONE));
  }

  discard(id: string): Promise<Answer> {
    return this.#use(async (store) => ((await store.discard(id)) ? jsonAnswer(200, {}) : GONE));
  }

  async close(): Promise<void> {
    const store = await this.#store?.catch(() => undefined);
    await store?.close();
  }

  async #use(action: (store: OutboxStore) => Promise<Answer>): Promise<Answer> {
    this.#store ??= this.#open(this.#place);
    const opened = this.#store;
    try {
      return await action(await opened);
    } catch (error) {
      if (this.#store === opened) this.#store = undefined;
      opened.then((store) => store.close()).catch(() => {});
      const { code, message } = Object(error);
      return errorAnswer(503, String(code ?? 'OUTBOX_FAILED'), String(message ?? error));
    }
  }
}

const GONE = errorAnswer(404, 'NOT_FOUND', 'The entry is on its way, or no longer in the outbox.');

function viewEntry(entry: ListedEntry): OutboxEntry {
  const { id, call, state, reason, attempts, error, params } = entry;
  return {
    id,
    call,
    customerId: String(params.customerExternalId),
    state,
    reason,
    attempts,
    recordedAt: entry.recordedAt.toISOString(),
    deliverAt: entry.deliverAt?.toISOString() ?? null,
    error: error && { code: error.code ?? '', message: error.message, status: error.status ?? 0 },
  };
}
