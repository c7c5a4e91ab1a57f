import { clearTimeout, now, setTimeout } from '#platform';
import type { RefportError } from '../../../index.js';
import { entryBackoff } from '../circuit-breaker.ts';
import type { DeliveryEvents } from '../delivery-events.ts';
import { interruptedError } from '../interrupted-error.ts';
import { type Classification, classifyOutcome } from '../policy.ts';
import type { TrackingClient } from '../queue/queue-options.ts';
import { sendOnce } from '../queue/send.ts';
import { GRACE, settlesWithin } from '../queue/settles-within.ts';
import { storeError } from '../queue/store-errors.ts';
import { serializeError } from '../serialized-error.ts';
import type { PgConnection } from './connection.ts';
import { entryOf, type JobData, type JobOutput, jsonOf, type ParkedData, parkedEntryOf } from './job.ts';
import { Maintenance } from './maintenance.ts';
import { PgPause, POLL, type Probe } from './pause.ts';
import { type Attempt, type Settlement, Settler } from './settler.ts';

/**
 * Milliseconds after which an entry that was taken, and not confirmed since, is not sent any more. Well below the lease after
 * which other processes take it.
 */
const FRESH = 10_000;
/** Candidates that are looked at for each entry that is taken, and at least. */
const CANDIDATES = { each: 4, least: 64 };

interface WorkerOptions {
  readonly schema: string;
  readonly client: TrackingClient;
  readonly probe: Probe;
  readonly concurrency: number;
  /** Milliseconds. */
  readonly maxAge: number;
  readonly keepRejected: number;
  readonly adopt: boolean;
}

/** An entry that was taken. */
export interface Taken extends Attempt {
  readonly data: JobData;
  readonly output: JobOutput | null;
  readonly interrupted: boolean;
  readonly expired: boolean;
  /** When Postgres last confirmed that it is ours, on the monotonic clock. */
  confirmedAt: number;
}

/**
 * Delivers entries. Some more are taken than can be sent at once, so that a connection need not wait for Postgres: at most
 * half as many again, which count as `sending`, and are given back when delivery stops.
 */
export class PgWorker {
  readonly #connection: PgConnection;
  readonly #events: DeliveryEvents;
  readonly #options: WorkerOptions;
  readonly #pause: PgPause;
  readonly #settler: Settler;
  readonly #maintenance: Maintenance;
  /** Taken, and not sent yet. */
  #queue: Taken[] = [];
  /** Taken, until they are settled. */
  readonly #taken = new Set<Taken>();
  readonly #deliveries = new Set<Promise<void>>();
  #onWire = 0;
  #isClosing = false;
  /** Cuts off what is on the wire. */
  readonly #cutOff = new AbortController();
  /** Ends waiting for Postgres. */
  readonly #giveUp = new AbortController();
  #isWoken = false;
  #wake: (() => void) | undefined;
  readonly #loop: Promise<void>;

  constructor(connection: PgConnection, events: DeliveryEvents, options: WorkerOptions) {
    const { concurrency, probe } = options;
    this.#connection = connection;
    this.#events = events;
    this.#options = options;
    this.#pause = new PgPause(connection, events, { concurrency, probe, signal: this.#cutOff.signal });
    this.#settler = new Settler(connection, this.#giveUp.signal);
    this.#maintenance = new Maintenance(connection, options, {
      taken: () => this.#taken,
      lose: (entry) => this.#lose(entry),
      onExpired: (data) => this.#emitParked(data),
      onChange: () => this.wake(),
    });
    this.#loop = this.#run();
  }

  /** There may be something to send. */
  wake(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  async resume(): Promise<boolean> {
    const wasPaused = await this.#pause.end();
    this.wake();
    return wasPaused;
  }

  /** @param timeout - milliseconds for what is on the wire */
  async close(timeout: number): Promise<void> {
    this.#isClosing = true;
    this.#release();
    this.wake();
    const cut = setTimeout(() => this.#cutOff.abort(), timeout);
    const settled = this.#loop.then(() => Promise.all(this.#deliveries));
    await settlesWithin(timeout + GRACE, settled);
    clearTimeout(cut);
    this.#cutOff.abort();
    this.#giveUp.abort();
    this.#maintenance.stop();
  }

  /** The loop ends only when the outbox is closed. */
  async #run(): Promise<void> {
    let isStoreDown = false;
    while (!this.#isClosing) {
      let isMore = false;
      try {
        isMore = await this.#step();
        if (isStoreDown) this.#events.emit('resumed');
        isStoreDown = false;
      } catch (cause) {
        if (!isStoreDown) this.#events.emit('paused', { error: storeError(cause), until: new Date(Date.now() + POLL) });
        isStoreDown = true;
      }
      if (!isMore) await this.#idle(isStoreDown);
    }
  }

  /** @returns whether there may be more to do at once */
  async #step(): Promise<boolean> {
    if (this.#pause.isOpen) {
      this.#release();
      if (await this.#pause.tick()) await this.#probeWithEntry();
      return !this.#pause.isOpen;
    }
    const limit = this.#pause.limit;
    const ahead = Math.ceil(limit / 2);
    const wanted = limit + ahead - this.#onWire - this.#queue.length;
    // Not for each entry alone, unless nothing is left to send.
    if (wanted < Math.ceil(ahead / 2) && (this.#queue.length > 0 || this.#onWire >= limit)) return false;
    const entries = await this.#take(wanted, false);
    if (entries.length === 0) {
      await this.#pause.follow();
      return false;
    }
    this.#queue.push(...entries);
    this.#send();
    return true;
  }

  async #take(count: number, isProbe: boolean): Promise<Taken[]> {
    const takenAt = now();
    const candidates = Math.max(CANDIDATES.least, CANDIDATES.each * count);
    let rows: Omit<Taken, 'confirmedAt'>[];
    try {
      const { maxAge } = this.#options;
      rows = await this.#connection.run(({ take }) => take({ count, candidates, isProbe, maxAge }));
    } catch (error) {
      // Two workers have taken different entries of one customer at the same time; the second one tries again.
      if ((error as { code?: unknown }).code === '23505') return [];
      throw error;
    }
    const entries = rows.map((row) => ({
      ...row,
      data: jsonOf<JobData>(row.data),
      output: jsonOf<JobOutput | null>(row.output),
      confirmedAt: takenAt,
    }));
    for (const entry of entries) this.#taken.add(entry);
    return entries;
  }

  /** Sends what was taken, as far as it may. */
  #send(): void {
    while (!this.#isClosing && this.#onWire < this.#pause.limit) {
      const entry = this.#queue.shift();
      if (entry === undefined) break;
      this.#start(entry, false);
    }
    if (this.#isClosing || this.#pause.isOpen) this.#release();
  }

  #start(entry: Taken, isProbe: boolean): void {
    this.#onWire++;
    const delivery = this.#deliver(entry, isProbe)
      // It is closed, and Postgres does not know: another worker finds that the entry was interrupted.
      .catch(() => {})
      .finally(() => {
        this.#taken.delete(entry);
        this.#deliveries.delete(delivery);
        this.wake();
      });
    this.#deliveries.add(delivery);
  }

  async #deliver(entry: Taken, isProbe: boolean): Promise<void> {
    let isOnWire = true;
    const leave = (): void => {
      if (!isOnWire) return;
      isOnWire = false;
      this.#onWire--;
      this.#send();
    };
    try {
      await this.#attempt(entry, isProbe, leave);
    } finally {
      leave();
    }
  }

  /** @param leave - to be called when the request has ended: the next one goes, whatever has to be written yet */
  async #attempt(entry: Taken, isProbe: boolean, leave: () => void): Promise<void> {
    const { data, attempt } = entry;
    // Requests that were sent before this one.
    const sent = attempt - 1;
    if (entry.interrupted && !data.repeatable) return this.#parkWith(entry, 'ambiguous', interruptedError(sent), sent);
    if (entry.expired) {
      const error = entry.output?.error ?? null;
      return this.#park(entry, { ...data, attempts: sent, reason: 'expired', error });
    }
    // The process was stopped since, and another one may have taken it.
    if (now() - entry.confirmedAt > FRESH) return void (await this.#settler.settle(entry, { kind: 'release' }));
    const { response, error } = await sendOnce(
      this.#options.client,
      data.call,
      JSON.parse(data.params),
      this.#cutOff.signal,
    );
    const classification = classifyOutcome(error, data.repeatable);
    const { disposition, backsOff } = classification;
    const isKnown = this.#record(isProbe, classification, error);
    leave();
    await isKnown;
    if (error === null) {
      const isOurs = await this.#settler.settle(entry, { kind: 'done' });
      if (isOurs) this.#events.emit('delivered', entryOf(data, attempt), response);
      return;
    }
    if (disposition !== 'pending') {
      return this.#parkWith(entry, disposition === 'rejected' ? 'rejected' : 'ambiguous', error, attempt);
    }
    await this.#settler.settle(entry, this.#retry(entry, error, backsOff));
  }

  #record(isProbe: boolean, classification: Classification, error: RefportError | null): Promise<void> {
    return isProbe ? this.#pause.settleProbe(classification, error) : this.#pause.record(classification, error);
  }

  #retry(entry: Taken, error: RefportError, backsOff: boolean): Settlement {
    if (error.attempts === 0 && !error.ambiguous && !backsOff) return { kind: 'release' };
    const mayBeCounted = error.ambiguous || entry.interrupted || entry.output?.mayBeCounted === true;
    return {
      kind: 'retry',
      wait: backsOff ? entryBackoff(entry.attempt - 1) : 0,
      output: { waits: true, error: serializeError(error), ...(mayBeCounted ? { mayBeCounted: true } : {}) },
    };
  }

  #parkWith(entry: Taken, reason: ParkedData['reason'], error: RefportError, attempts: number): Promise<void> {
    return this.#park(entry, { ...entry.data, attempts, reason, error: serializeError(error) }, error);
  }

  async #park(entry: Taken, data: ParkedData, error?: RefportError): Promise<void> {
    const isOurs = await this.#settler.settle(entry, { kind: 'park', data });
    if (isOurs) this.#emitParked(data, error);
  }

  /** @param error - of this process; by default the stored one */
  #emitParked(data: ParkedData, error?: RefportError): void {
    const entry = parkedEntryOf(data);
    this.#events.emit('parked', entry, error ?? entry.error);
  }

  /** The client cannot probe: one entry does. */
  async #probeWithEntry(): Promise<void> {
    const [entry] = await this.#take(1, true);
    if (entry) {
      this.#start(entry, true);
      await Promise.all(this.#deliveries);
    } else {
      // Nothing to try with, and nothing to stop.
      await this.#pause.settleProbe(classifyOutcome(null, true), null);
    }
  }

  /** Gives back what was taken and not sent. */
  #release(): void {
    for (const entry of this.#queue.splice(0)) {
      const released = this.#settler.settle(entry, { kind: 'release' }).then(
        () => {},
        () => {},
      );
      this.#deliveries.add(released);
      void released.then(() => {
        this.#taken.delete(entry);
        this.#deliveries.delete(released);
      });
    }
  }

  /** Another process has taken it. */
  #lose(entry: Taken): void {
    this.#queue = this.#queue.filter((queued) => queued !== entry);
    this.#taken.delete(entry);
  }

  /** Waits for the next look, or for a reason to look at once. */
  async #idle(isStoreDown: boolean): Promise<void> {
    if (!this.#isWoken || isStoreDown) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, isStoreDown ? POLL : Math.max(1, this.#pause.wait));
        this.#wake = () => {
          // A store that is down is not asked more often because entries come to their end.
          if (isStoreDown && !this.#isClosing) return;
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#wake = undefined;
    this.#isWoken = false;
  }
}
