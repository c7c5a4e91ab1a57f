import { clearInterval, clearTimeout, now as monotonic, setInterval, setTimeout } from '#platform';
import type { EngineClient } from '../../engine/engine.ts';
import { entryBackoff } from '../circuit-breaker.ts';
import type { DeliveryEvents } from '../delivery-events.ts';
import { classifyOutcome } from '../policy.ts';
import type { QueueOptions, TrackingClient } from '../queue/queue-options.ts';
import { sendOnce } from '../queue/send.ts';
import { GRACE, settlesWithin } from '../queue/settles-within.ts';
import { storeError } from '../queue/store-errors.ts';
import { deserializeError, serializeError } from '../serialized-error.ts';
import { type Argument, type Connection, listOf } from './connection.ts';
import { Exchange, LEASE, type LeasedEntry, type Request, type Settlement } from './exchange.ts';
import { outboxEntry, parkedEntry } from './job.ts';
import { BullPause } from './pause.ts';

/** An entry that was not confirmed to be ours for this long is not sent: its lease may be over. */
const FRESH = LEASE / 2;
/** Longest time without a look at the store, in milliseconds. */
const LONGEST_IDLE = 1000;
/** Between two attempts while Redis is away, in milliseconds. */
const STORE_BACKOFF = { first: 200, longest: 5000 };
/** How often it looks for entries that were removed by other means, a few at a time, in milliseconds. */
const HEAL_INTERVAL = 1000;
/** The settlement of an entry that was not sent. */
const NOTHING_SENT = { backoff: 0, error: null, response: null };

interface WorkerSettings {
  readonly connection: Connection;
  /** Waits for work; it blocks, so that nothing else may use it. */
  readonly listener: Connection;
  readonly base: string;
  readonly identity: string;
  readonly client: TrackingClient;
  /** Undefined for a client that is not one of ours: then one entry is the probe. */
  readonly probeClient: EngineClient | undefined;
  readonly options: QueueOptions;
  readonly events: DeliveryEvents;
  readonly onForeign: (count: number) => void;
}

/**
 * Delivers entries. One loop makes one round trip after the other: each tells what became of entries and takes others. Some
 * more are taken than can be sent at once, so that a connection need not wait for Redis: at most half as many again, which
 * count as `sending`, and are given back when delivery stops. Entries that must not be sent twice are taken only if they can
 * be sent at once: after a crash, a person has to decide about them.
 */
export class BullWorker {
  readonly #settings: WorkerSettings;
  readonly #exchange: Exchange;
  readonly #pause: BullPause;
  /** Taken, until they are settled. */
  readonly #active = new Set<LeasedEntry>();
  /** Those of them that are not sent yet. */
  #queue: LeasedEntry[] = [];
  readonly #cutOff = new AbortController();
  readonly #loop: Promise<void>;
  readonly #heartbeat: ReturnType<typeof setInterval>;
  #settled: Settlement[] = [];
  #isClosing = false;
  #storeFailures = 0;
  #healAt = monotonic() + HEAL_INTERVAL;
  #healFrom = 0;
  #listening: Promise<void> | undefined;
  #wake = (): void => {};
  #isAwake = false;

  constructor(settings: WorkerSettings) {
    this.#settings = settings;
    const { connection, events, identity, options, probeClient } = settings;
    this.#exchange = new Exchange(connection, identity, options);
    this.#pause = new BullPause({
      concurrency: options.concurrency,
      events,
      probeClient,
      signal: this.#cutOff.signal,
      wake: () => this.wake(),
    });
    this.#heartbeat = setInterval(() => void this.#renew(), LEASE / 3);
    this.#loop = this.#run();
  }

  /** There may be something to send. */
  wake(): void {
    this.#isAwake = true;
    this.#wake();
  }

  /** Ends a pause of this process alone: whether there was one. */
  resume(): boolean {
    return this.#pause.resume();
  }

  /** @param timeout - milliseconds that entries on the wire have */
  async close(timeout: number): Promise<void> {
    this.#isClosing = true;
    this.#sendQueued();
    this.wake();
    const cut = setTimeout(() => this.#cutOff.abort(), timeout);
    await settlesWithin(timeout + GRACE, this.#loop);
    clearTimeout(cut);
    this.#cutOff.abort();
    clearInterval(this.#heartbeat);
  }

  async #run(): Promise<void> {
    for (;;) {
      let idle: number;
      try {
        idle = await this.#turn();
        this.#onStoreBack();
      } catch (error) {
        if (this.#cutOff.signal.aborted) return;
        idle = this.#onStoreAway(error);
      }
      if (this.#isClosing && this.#active.size === 0 && this.#settled.length === 0) return;
      if (idle > 0) await this.#idle(idle);
    }
  }

  /** Makes one round trip, if there is a reason to. Returns the milliseconds until there is the next one. */
  async #turn(): Promise<number> {
    const answer = await this.#exchange.run(() => this.#nextRequest());
    const { breaker, foreign, parked, settled, taken } = answer;
    for (const settlement of settled) this.#emitSettled(settlement);
    for (const entry of taken) this.#active.add(entry);
    for (const entry of parked.map(parkedEntry)) this.#settings.events.emit('parked', entry, entry.error);
    if (foreign > 0) this.#settings.onForeign(foreign);
    this.#pause.follow(answer);
    if (this.#isProbeDue) this.#pause.beginProbe(answer);
    for (const entry of taken) {
      if (this.#pause.isProbe(entry)) this.#send(entry);
      else this.#queue.push(entry);
    }
    this.#sendQueued();
    await this.#heal();
    if (this.#settled.length > 0 || this.#pause.hasCommand) return 0;
    // Half of what may wait is enough: the next answer comes with what is settled.
    const isShort = this.#queue.length <= this.#ahead() / 2 && this.#room() > 0;
    if (answer.isMore && isShort && breaker.state === 'closed' && taken.length > 0) return 0;
    const waits = [LONGEST_IDLE];
    if (answer.nextDue >= 0) waits.push(answer.nextDue);
    if (this.#pause.wait > 0) waits.push(this.#pause.wait);
    return Math.max(1, Math.min(...waits));
  }

  /** How many more entries may be taken. */
  #room(): number {
    return Math.max(0, this.#free() + this.#ahead());
  }

  /** How many more entries can be sent at once; less than none where some wait. */
  #free(): number {
    return this.#isClosing ? 0 : this.#pause.limit - this.#active.size;
  }

  /** How many entries may wait to be sent. */
  #ahead(): number {
    return this.#isClosing ? 0 : Math.ceil(this.#pause.limit / 2);
  }

  /** Sends what was taken, as far as it may. When delivery stops, the rest is given back. */
  #sendQueued(): void {
    const { limit } = this.#pause;
    if (this.#isClosing || limit === 0) {
      for (const entry of this.#queue.splice(0)) this.#giveBack(entry);
    }
    while (this.#active.size - this.#queue.length < limit) {
      const entry = this.#queue.shift();
      if (entry === undefined) break;
      this.#send(entry);
    }
  }

  #send(entry: LeasedEntry): void {
    // The process was stopped since, and another worker may have it by now.
    if (monotonic() - entry.confirmedAt > FRESH) this.#giveBack(entry);
    else void this.#deliver(entry);
  }

  /** Gives an entry back of which nothing was sent. */
  #giveBack(entry: LeasedEntry): void {
    this.#active.delete(entry);
    this.#pause.dropProbe(entry);
    this.#settled.push({ entry, outcome: 'pending', attempts: entry.attempts, ...NOTHING_SENT });
    this.wake();
  }

  get #isProbeDue(): boolean {
    return !this.#isClosing && this.#pause.isProbeDue;
  }

  #nextRequest(): Request {
    const settlements = this.#settled;
    this.#settled = [];
    const isProbeDue = this.#isProbeDue;
    const command = this.#pause.takeCommand(isProbeDue);
    if (isProbeDue && this.#pause.probesWithEntry) return { settlements, command, want: 1, atOnce: 1 };
    return { settlements, command, want: this.#room(), atOnce: Math.max(0, this.#free()) };
  }

  #emitSettled({ entry, outcome, attempts, response, error }: Settlement): void {
    const { events } = this.#settings;
    const settled = outboxEntry(entry, attempts);
    if (outcome === 'delivered') events.emit('delivered', settled, response);
    else if (outcome !== 'pending') {
      // As everybody reads it later.
      const stored = error && deserializeError(serializeError(error));
      events.emit('parked', { ...settled, reason: outcome, error: stored }, error);
    }
  }

  async #deliver(entry: LeasedEntry): Promise<void> {
    const { client } = this.#settings;
    const { response, error } = await sendOnce(client, entry.call, entry.params, this.#cutOff.signal);
    const classification = classifyOutcome(error, entry.isRepeatable);
    const attempts = entry.attempts + (error?.attempts ?? 1);
    this.#pause.record(entry, classification, error);
    const backoff = classification.backsOff ? entryBackoff(Math.max(0, attempts - 1)) : 0;
    this.#active.delete(entry);
    this.#settled.push({ entry, outcome: classification.disposition, attempts, backoff, error, response });
    this.#sendQueued();
    this.wake();
  }

  #onStoreBack(): void {
    if (this.#storeFailures === 0) return;
    this.#storeFailures = 0;
    this.#pause.onStoreBack();
  }

  /** Returns how long to wait. */
  #onStoreAway(cause: unknown): number {
    const { connection } = this.#settings;
    const wait = Math.min(STORE_BACKOFF.longest, STORE_BACKOFF.first * 2 ** Math.min(this.#storeFailures, 10));
    if (this.#storeFailures++ === 0 && !this.#isClosing) {
      this.#pause.announce(storeError(connection.lastError() ?? cause), wait);
    }
    return wait;
  }

  /** Waits for so many milliseconds at most, or for a reason to look at once. */
  async #idle(milliseconds: number): Promise<void> {
    if (this.#isAwake) {
      this.#isAwake = false;
      return;
    }
    if (this.#free() > 0 && this.#storeFailures === 0) this.#listen();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#isAwake = false;
    this.#wake = () => {};
  }

  /** Wakes the loop when somebody has recorded something, or a dashboard has put something back. */
  #listen(): void {
    const { base, listener } = this.#settings;
    if (this.#listening || !listener.isReady) return;
    const done = (): void => {
      this.#listening = undefined;
      this.wake();
    };
    this.#listening = listener.answerTo(listener.client.bzpopmin(`${base}marker`, 5)).then(done, done);
  }

  async #heal(): Promise<void> {
    if (monotonic() < this.#healAt || this.#isClosing) return;
    this.#healAt = monotonic() + HEAL_INTERVAL;
    const { connection, identity } = this.#settings;
    const next = Number(await connection.run('heal', [identity, this.#healFrom]));
    this.#healFrom = Math.max(0, next);
  }

  /** Renews the leases of the entries that this process holds. */
  async #renew(): Promise<void> {
    const { connection } = this.#settings;
    if (this.#active.size === 0 || !connection.isReady) return;
    const entries = [...this.#active];
    const args: Argument[] = [LEASE];
    for (const { jobId, fence } of entries) args.push(jobId, fence);
    const askedAt = monotonic();
    // If it fails for long, the entries count as interrupted.
    const isOurs = await connection.run('renew', args).catch(() => undefined);
    if (isOurs === undefined) return;
    for (const [index, entry] of entries.entries()) if (listOf(isOurs)[index] === 1) entry.confirmedAt = askedAt;
  }
}
