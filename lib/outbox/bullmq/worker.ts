import { builtin, clearInterval, clearTimeout, now as monotonic, setInterval, setTimeout } from '#platform';
import type { RefportError as PublicError } from '../../../index.js';
import type { EngineClient } from '../../engine/engine.ts';
import { CircuitBreaker, entryBackoff } from '../circuit-breaker.ts';
import type { DeliveryEvents } from '../delivery-events.ts';
import { interruptedError } from '../interrupted-error.ts';
import { classifyOutcome, type ProbeKind, type Verdict } from '../policy.ts';
import { probe } from '../queue/probe.ts';
import type { QueueOptions, TrackingClient } from '../queue/queue-options.ts';
import { type Outcome, sendOnce } from '../queue/send.ts';
import { GRACE, settlesWithin } from '../queue/settles-within.ts';
import { storeError, wrapStoreErrors } from '../queue/store-errors.ts';
import { deserializeError, serializeError } from '../serialized-error.ts';
import { type Argument, type Connection, listOf, type Reply } from './connection.ts';
import { failedReason, outboxEntry, parkedEntry, type TakenEntry, takenEntry } from './job.ts';

/** How long a worker that has died holds its entries, in milliseconds. */
const LEASE = 15_000;
/** The error of entries whose worker died while it sent them, for the script that finds them. */
const INTERRUPTED = JSON.stringify(serializeError(interruptedError(1)));
/** An entry that was not confirmed to be ours for this long is not sent: its lease may be over. */
const FRESH = LEASE / 2;
/** Longest time without a look at the store, in milliseconds. */
const LONGEST_IDLE = 1000;
/** How long a request waits for a connection, and for its answer, in milliseconds. */
const CONNECT_TIMEOUT = 3000;
const EXCHANGE_TIMEOUT = 10_000;
/** Between two attempts while Redis is away, in milliseconds. */
const STORE_BACKOFF = { first: 200, longest: 5000 };
/** How often entries of other keys are counted, in milliseconds. */
const FOREIGN_INTERVAL = 1000;
/** A list of entries that were removed by other means is looked for a little at a time, in milliseconds. */
const HEAL_INTERVAL = 1000;

interface Settlement {
  readonly entry: TakenEntry;
  readonly outcome: 'delivered' | 'pending' | 'rejected' | 'ambiguous';
  readonly attempts: number;
  /** Milliseconds that the entry waits. */
  readonly backoff: number;
  readonly error: PublicError | null;
  readonly response: Outcome['response'];
}

/** A command to the breaker that workers share, sent with the next request. */
type BreakerCommand =
  | { readonly name: '' | 'close' | 'release' | 'claim' }
  | { readonly name: 'open'; readonly wait: number; readonly openings: number; readonly probe: ProbeKind };

const NO_COMMAND: BreakerCommand = { name: '' };

interface Answer {
  readonly taken: readonly LeasedEntry[];
  readonly isOurs: readonly boolean[];
  readonly parked: readonly Reply[][];
  readonly nextDue: number;
  readonly isMore: boolean;
  readonly breaker: {
    readonly state: string;
    readonly wait: number;
    readonly openings: number;
    readonly probe: ProbeKind;
  };
  readonly isProbeOurs: boolean;
  readonly resumes: number;
  readonly foreign: number;
}

interface Request {
  readonly args: Argument[];
  readonly settlements: readonly Settlement[];
  /** When it was made: the leases of what it takes begin then, at the earliest. */
  readonly startedAt: number;
}

export interface WorkerSettings {
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

/** An entry that was taken, until it is settled. */
interface LeasedEntry extends TakenEntry {
  /** When Redis last confirmed that it is ours, on the monotonic clock. */
  confirmedAt: number;
}

/**
 * Delivers entries. One loop makes one round trip after the other: each tells what became of entries and takes others. Some
 * more are taken than can be sent at once, so that a connection need not wait for Redis: at most half as many again, which
 * count as `sending`, and are given back when delivery stops. Entries that must not be sent twice are taken only if they can
 * be sent at once: after a crash, a person has to decide about them.
 */
export class BullWorker {
  readonly #settings: WorkerSettings;
  readonly #name = builtin('node:crypto').randomUUID();
  readonly #breaker: CircuitBreaker;
  /** Taken, until they are settled. */
  readonly #active = new Set<LeasedEntry>();
  /** Those of them that are not sent yet. */
  #queue: LeasedEntry[] = [];
  readonly #cutOff = new AbortController();
  readonly #loop: Promise<void>;
  readonly #heartbeat: ReturnType<typeof setInterval>;
  #settled: Settlement[] = [];
  #request = 0;
  /** A request without an answer is repeated as it was, so that Redis can tell what it has taken. */
  #unanswered: Request | undefined;
  #command: BreakerCommand = NO_COMMAND;
  #isClosing = false;
  /** The probe on its way that tells whether the API is back: a request of its own, or an entry. */
  #probing: 'api' | LeasedEntry | undefined;
  /** Whether other workers share the reason why the breaker is open. */
  #isShared = false;
  /** Whether `paused` was emitted, and `resumed` not yet. */
  #isPaused = false;
  #storeFailures = 0;
  #resumes: number | undefined;
  #foreignAt = -FOREIGN_INTERVAL;
  #healAt = monotonic() + HEAL_INTERVAL;
  #healFrom = 0;
  #listening: Promise<void> | undefined;
  #wake = (): void => {};
  #isAwake = false;

  constructor(settings: WorkerSettings) {
    this.#settings = settings;
    this.#breaker = new CircuitBreaker({ concurrency: settings.options.concurrency });
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
    const wasOpen = this.#breaker.state !== 'closed';
    this.#breaker.resume();
    this.#closed();
    return wasOpen;
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
    const answer = await this.#exchange();
    const { breaker, foreign, parked, taken } = answer;
    for (const entry of parked.map(parkedEntry)) this.#settings.events.emit('parked', entry, entry.error);
    if (foreign > 0) this.#settings.onForeign(foreign);
    this.#followBreaker(answer);
    if (this.#isProbeDue()) this.#beginProbe(answer);
    for (const entry of taken) {
      if (this.#probing === entry) this.#send(entry);
      else this.#queue.push(entry);
    }
    this.#sendQueued();
    await this.#heal();
    if (this.#settled.length > 0 || this.#command !== NO_COMMAND) return 0;
    // Half of what may wait is enough: the next answer comes with what is settled.
    const isShort = this.#queue.length <= this.#ahead() / 2 && this.#room() > 0;
    if (answer.isMore && isShort && breaker.state === 'closed' && taken.length > 0) return 0;
    const waits = [LONGEST_IDLE];
    if (answer.nextDue >= 0) waits.push(answer.nextDue);
    if (this.#breaker.wait > 0) waits.push(this.#breaker.wait);
    return Math.max(1, Math.min(...waits));
  }

  /** How many more entries may be taken. */
  #room(): number {
    return Math.max(0, this.#free() + this.#ahead());
  }

  /** How many more entries can be sent at once; less than none where some wait. */
  #free(): number {
    return this.#isClosing ? 0 : this.#breaker.limit - this.#active.size;
  }

  /** How many entries may wait to be sent. */
  #ahead(): number {
    return this.#isClosing ? 0 : Math.ceil(this.#breaker.limit / 2);
  }

  /** Sends what was taken, as far as it may. When delivery stops, the rest is given back. */
  #sendQueued(): void {
    const { limit } = this.#breaker;
    if (this.#isClosing || limit === 0) {
      for (const entry of this.#queue.splice(0)) this.#giveBack(entry);
    }
    while (this.#queue.length > 0 && this.#active.size - this.#queue.length < limit) {
      this.#send(this.#queue.shift() as LeasedEntry);
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
    if (this.#probing === entry) this.#probing = undefined;
    this.#settled.push({ entry, outcome: 'pending', attempts: entry.attempts, ...NOTHING_SENT });
    this.wake();
  }

  async #exchange(): Promise<Answer> {
    const { connection } = this.#settings;
    await connection.whenReady(CONNECT_TIMEOUT);
    this.#unanswered ??= this.#nextRequest();
    const { args, settlements, startedAt } = this.#unanswered;
    const reply = listOf(await wrapStoreErrors(connection.runDurably('exchange', args, EXCHANGE_TIMEOUT)));
    this.#unanswered = undefined;
    const answer = readAnswer(reply, `${this.#name}:${args[2]}`, startedAt);
    for (const [index, settlement] of settlements.entries()) {
      if (answer.isOurs[index]) this.#emitSettled(settlement);
    }
    for (const entry of answer.taken) this.#active.add(entry);
    return answer;
  }

  #nextRequest(): Request {
    const { identity, options } = this.#settings;
    const settlements = this.#settled;
    // The workers that share a breaker wait for the same: one of them probes.
    const isProbeDue = this.#isProbeDue();
    if (isProbeDue && this.#isShared && this.#command === NO_COMMAND) this.#command = { name: 'claim' };
    const command = this.#command;
    this.#settled = [];
    this.#command = NO_COMMAND;
    const countsForeign = monotonic() - this.#foreignAt >= FOREIGN_INTERVAL;
    if (countsForeign) this.#foreignAt = monotonic();
    const args: Argument[] = [
      identity,
      this.#name,
      String(++this.#request),
      isProbeDue && this.#probesWithEntry ? 1 : this.#room(),
      isProbeDue && this.#probesWithEntry ? 1 : Math.max(0, this.#free()),
      LEASE,
      options.maxAge,
      options.keepRejected,
      INTERRUPTED,
      countsForeign ? 1 : 0,
      command.name,
      ...(command.name === 'open' ? [Math.ceil(command.wait), command.probe, command.openings] : [0, '', 0]),
    ];
    for (const { entry, outcome, attempts, backoff, error } of settlements) {
      args.push(
        entry.jobId,
        entry.fence,
        outcome,
        attempts,
        backoff,
        error === null ? '' : JSON.stringify(serializeError(error)),
      );
      args.push(failedReason(outcome, error), error?.ambiguous ? 1 : 0);
    }
    return { args, settlements, startedAt: monotonic() };
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
    const verdict = classifyOutcome(error, entry.isRepeatable);
    const { disposition, backsOff } = verdict;
    const attempts = entry.attempts + (error?.attempts ?? 1);
    if (this.#probing === entry) this.#endProbe(verdict, error);
    else this.#note(verdict, error);
    const wait = backsOff ? entryBackoff(Math.max(0, attempts - 1)) : 0;
    this.#active.delete(entry);
    this.#settled.push({ entry, outcome: disposition, attempts, backoff: wait, error, response });
    this.#sendQueued();
    this.wake();
  }

  /** Tells the breaker of an attempt. */
  #note(verdict: Verdict, error: PublicError | null): void {
    const wait = this.#breaker.record(verdict, error?.retryAfter);
    if (wait !== undefined && error !== null) this.#opened(wait, error, verdict.health !== 'refused');
  }

  /** A process that is not accepted pauses alone: another may have a good key, or another way out. */
  #opened(wait: number, error: PublicError, isShared: boolean): void {
    const { openings, probe } = this.#breaker;
    if (isShared) this.#command = { name: 'open', wait, openings, probe };
    else if (this.#isShared) this.#command = { name: 'release' };
    this.#isShared ||= isShared;
    this.#isPaused = true;
    this.#settings.events.emit('paused', { error, until: new Date(Date.now() + wait) });
  }

  #closed(): void {
    this.#isShared = false;
    if (this.#isPaused) this.#settings.events.emit('resumed');
    this.#isPaused = false;
    this.wake();
  }

  /** Takes over what other workers, or a person, have done to the shared breaker. */
  #followBreaker({ breaker, resumes }: Answer): void {
    const isResumed = this.#resumes !== undefined && this.#resumes !== resumes;
    this.#resumes = resumes;
    if (isResumed && this.#breaker.state !== 'closed') {
      this.#breaker.resume();
      this.#closed();
    }
    if (breaker.state !== 'closed') {
      this.#isShared = true;
      const isLater = breaker.state === 'half-open' && this.#breaker.state === 'open';
      if (!isLater) this.#breaker.follow(breaker.wait, breaker.openings, breaker.probe);
    } else if (this.#isShared && this.#command.name !== 'open') {
      this.#breaker.close();
      this.#closed();
    }
  }

  /** Whether the wait is over, and nothing is asked yet. */
  #isProbeDue(): boolean {
    return !this.#isClosing && this.#probing === undefined && this.#breaker.state === 'half-open';
  }

  /** Whether an entry is the probe. A client that is not one of ours can send nothing else. */
  get #probesWithEntry(): boolean {
    return this.#settings.probeClient === undefined || this.#breaker.probe === 'entry';
  }

  /** Asks whether the API is back; with an entry, if there is one. */
  #beginProbe({ isProbeOurs, taken }: Answer): void {
    const { probeClient } = this.#settings;
    if (this.#isShared && !isProbeOurs) return;
    if (this.#probesWithEntry || probeClient === undefined) {
      this.#probing = taken[0];
      return;
    }
    this.#probing = 'api';
    void probe(probeClient, this.#cutOff.signal).then(({ verdict, error }) => this.#endProbe(verdict, error));
  }

  #endProbe(verdict: Verdict, error: PublicError | null): void {
    this.#probing = undefined;
    const wait = this.#breaker.endProbe(verdict, error?.retryAfter);
    if (wait !== undefined && error !== null) {
      this.#opened(wait, error, verdict.health !== 'refused');
    } else if (verdict.health === 'unknown') {
      if (this.#isShared) this.#command = { name: 'release' };
    } else {
      if (this.#isShared) this.#command = { name: 'close' };
      this.#closed();
    }
    this.wake();
  }

  #onStoreBack(): void {
    if (this.#storeFailures === 0) return;
    this.#storeFailures = 0;
    if (this.#isPaused && this.#breaker.state === 'closed') this.#closed();
  }

  /** Returns how long to wait. */
  #onStoreAway(cause: unknown): number {
    const { connection, events } = this.#settings;
    const wait = Math.min(STORE_BACKOFF.longest, STORE_BACKOFF.first * 2 ** Math.min(this.#storeFailures, 10));
    if (this.#storeFailures++ === 0 && !this.#isClosing) {
      this.#isPaused = true;
      events.emit('paused', { error: storeError(connection.lastError() ?? cause), until: new Date(Date.now() + wait) });
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

  /** Says that this process lives. */
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

const NOTHING_SENT = { backoff: 0, error: null, response: null };

function readAnswer(reply: Reply[], fence: string, confirmedAt: number): Answer {
  const [taken, isOurs, parked, nextDue, isMore, state, wait, openings, kind, isProbeOurs, resumes, foreign] = reply;
  return {
    taken: listOf(taken).map((entry) => ({ ...takenEntry(listOf(entry), fence), confirmedAt })),
    isOurs: listOf(isOurs).map((flag) => flag === 1),
    parked: listOf(parked).map(listOf),
    nextDue: Number(nextDue),
    isMore: isMore === 1,
    breaker: {
      state: String(state),
      wait: Number(wait),
      openings: Number(openings),
      probe: kind === 'entry' ? 'entry' : 'api',
    },
    isProbeOurs: isProbeOurs === 1,
    resumes: Number(resumes),
    foreign: Number(foreign),
  };
}
