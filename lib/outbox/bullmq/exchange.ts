import { builtin, now as monotonic } from '#platform';
import type { RefportError as PublicError } from '../../../index.js';
import { interruptedError } from '../interrupted-error.ts';
import type { CommonOptions } from '../outbox-options.ts';
import type { Disposition, ProbeKind } from '../policy.ts';
import type { Outcome } from '../queue/send.ts';
import { wrapStoreErrors } from '../queue/store-errors.ts';
import { serializeError } from '../serialized-error.ts';
import { type Argument, type Connection, listOf, type Reply } from './connection.ts';
import { failedReason, type TakenEntry, takenEntry } from './job.ts';

/** How long a worker that has died holds its entries, in milliseconds. */
export const LEASE = 15_000;
/** The error of entries whose worker died while it sent them, for the script that finds them. */
const INTERRUPTED = JSON.stringify(serializeError(interruptedError(1)));
/** How long a request waits for a connection, and for its answer, in milliseconds. */
const CONNECT_TIMEOUT = 3000;
const EXCHANGE_TIMEOUT = 10_000;
/** How often entries of other keys are counted, in milliseconds. */
const FOREIGN_INTERVAL = 1000;

/** An entry that was taken, until it is settled. */
export interface LeasedEntry extends TakenEntry {
  /** When Redis last confirmed that it is ours, on the monotonic clock. */
  confirmedAt: number;
}

export interface Settlement {
  readonly entry: TakenEntry;
  readonly outcome: Disposition;
  readonly attempts: number;
  /** Milliseconds that the entry waits. */
  readonly backoff: number;
  readonly error: PublicError | null;
  readonly response: Outcome['response'];
}

/** A command to the breaker that workers share. */
export type BreakerCommand =
  | { readonly name: '' | 'close' | 'release' | 'claim' }
  | { readonly name: 'open'; readonly wait: number; readonly openings: number; readonly probe: ProbeKind };

export interface Request {
  readonly settlements: readonly Settlement[];
  readonly command: BreakerCommand;
  /** How many entries to take. */
  readonly want: number;
  /** How many of them can be sent at once. */
  readonly atOnce: number;
}

export interface Answer {
  readonly taken: readonly LeasedEntry[];
  /** Those of the request whose entries were still this worker's. */
  readonly settled: readonly Settlement[];
  readonly parked: readonly Reply[][];
  /** Milliseconds; negative if nothing waits for a time. */
  readonly nextDue: number;
  readonly isMore: boolean;
  readonly breaker: {
    readonly state: string;
    readonly wait: number;
    readonly openings: number;
    readonly probe: ProbeKind;
  };
  readonly isProbeOurs: boolean;
  /** How often a person has ended a pause. */
  readonly resumes: number;
  /** How many entries are of other keys; negative if they were not counted. */
  readonly foreign: number;
}

interface SentRequest {
  readonly args: Argument[];
  readonly settlements: readonly Settlement[];
  /** The leases of the entries that it takes begin then, at the earliest. */
  readonly startedAt: number;
}

/** The round trips of a worker, one after the other. */
export class Exchange {
  readonly #connection: Connection;
  readonly #identity: string;
  readonly #options: CommonOptions;
  readonly #worker = builtin('node:crypto').randomUUID();
  #number = 0;
  /** A request without an answer is repeated as it was, so that Redis can tell what it has taken. */
  #unanswered: SentRequest | undefined;
  #foreignAt = -FOREIGN_INTERVAL;

  constructor(connection: Connection, identity: string, options: CommonOptions) {
    this.#connection = connection;
    this.#identity = identity;
    this.#options = options;
  }

  /** @param next - makes the request, unless the one before has to be repeated */
  async run(next: () => Request): Promise<Answer> {
    await this.#connection.whenReady(CONNECT_TIMEOUT);
    this.#unanswered ??= this.#encode(next());
    const { args, settlements, startedAt } = this.#unanswered;
    const reply = await wrapStoreErrors(this.#connection.runDurably('exchange', args, EXCHANGE_TIMEOUT));
    const answer = listOf(reply);
    this.#unanswered = undefined;
    return readAnswer(answer, settlements, `${this.#worker}:${this.#number}`, startedAt);
  }

  #encode({ settlements, command, want, atOnce }: Request): SentRequest {
    const countsForeign = monotonic() - this.#foreignAt >= FOREIGN_INTERVAL;
    if (countsForeign) this.#foreignAt = monotonic();
    const args: Argument[] = [
      this.#identity,
      this.#worker,
      String(++this.#number),
      want,
      atOnce,
      LEASE,
      this.#options.maxAge,
      this.#options.keepRejected,
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
        failedReason(outcome, error),
        error?.ambiguous ? 1 : 0,
      );
    }
    return { args, settlements, startedAt: monotonic() };
  }
}

function readAnswer(reply: Reply[], settlements: readonly Settlement[], fence: string, confirmedAt: number): Answer {
  const [taken, isOurs, parked, nextDue, isMore, state, wait, openings, kind, isProbeOurs, resumes, foreign] = reply;
  const flags = listOf(isOurs);
  return {
    taken: listOf(taken).map((entry) => ({ ...takenEntry(listOf(entry), fence), confirmedAt })),
    settled: settlements.filter((_settlement, index) => flags[index] === 1),
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
