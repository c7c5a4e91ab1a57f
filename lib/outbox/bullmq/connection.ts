import type { Redis } from 'ioredis';
import { builtin, clearTimeout, setTimeout } from '#platform';
import { RefportError, reasonOf } from '../../client/errors.ts';
import { SCRIPTS, type ScriptName } from './scripts/scripts.ts';

/** The longest wait before connecting again, in milliseconds. */
const MAX_RECONNECT = 2000;
/** A connection counts as lost when an answer takes this long, in milliseconds. A worker asks for work for up to 5 s. */
const SOCKET_TIMEOUT = 15_000;

const CLOSED = 'the connection to Redis is closed';

export interface Durability {
  /** Waits until the server has written to its disk (`WAITAOF`, Redis 7.2). */
  readonly fsync: boolean;
  /** Waits until so many replicas have it (`WAIT`). */
  readonly replicas: number;
}

/** The class of ioredis. It takes a URL as an argument of its own, not as an option. */
export interface RedisClass {
  new (options: object): Redis;
  new (url: string, options: object): Redis;
}

/** An argument of a script. */
export type Argument = string | number;
export type Reply = string | number | null | Reply[];

const DIGESTS = new Map(
  Object.entries(SCRIPTS).map(([name, lua]) => [
    name,
    builtin('node:crypto').createHash('sha1').update(lua).digest('hex'),
  ]),
) as ReadonlyMap<ScriptName, string>;

/** Whether these are options for Redis, not a client. */
export const isOptions = (connection: object): boolean =>
  [Object.prototype, null].includes(Object.getPrototypeOf(connection));

/** Redis may or may not have run a command: the connection broke before the answer. */
export class BrokenConnection extends Error {
  constructor(cause: unknown) {
    super(reasonOf(cause) ?? 'the connection to Redis broke', { cause });
  }
}

/** A connection to Redis for the scripts of the outbox, its own or the caller's. */
export class Connection {
  readonly client: Redis;
  readonly #isOwn: boolean;
  readonly #base: string;
  readonly #durability: Durability;
  /** Settle what waits for a connection. */
  readonly #waiting = new Set<(error?: Error) => void>();
  /** Reject what waits for an answer. */
  readonly #pending = new Set<(error: unknown) => void>();
  #lastError: Error | undefined;
  #isClosed = false;

  /**
   * @param connect - makes a client of the options it is given, or duplicates the caller's
   * @param base - what the keys of the outbox begin with
   */
  constructor(
    connect: { RedisClient: RedisClass; connection: object; duplicate?: boolean },
    base: string,
    durability: Durability,
  ) {
    const { connection, RedisClient, duplicate } = connect;
    this.#base = base;
    this.#durability = durability;
    if (isOptions(connection)) {
      this.#isOwn = true;
      this.client = this.#connect(RedisClient, connection);
    } else {
      this.#isOwn = duplicate === true;
      this.client = duplicate ? (connection as Redis).duplicate() : (connection as Redis);
    }
    this.client.on('error', this.#onError);
    this.client.on('ready', this.#onReady);
    this.client.on('end', this.#onEnd);
    if (this.client.options?.autoResendUnfulfilledCommands === false) this.client.on('close', this.#onClose);
  }

  /** Why the connection is down, if it is. */
  readonly lastError = (): Error | undefined => this.#lastError;

  readonly #onError = (error: Error): void => {
    this.#lastError = error;
    for (const settle of this.#waiting) settle(error);
  };
  readonly #onReady = (): void => {
    this.#lastError = undefined;
    for (const settle of this.#waiting) settle();
  };
  readonly #onEnd = (): void => {
    for (const settle of this.#waiting) settle(this.#lastError ?? new Error(CLOSED));
  };

  /** ioredis never settles commands whose connection breaks, unless it sends them again. */
  readonly #onClose = (): void => {
    const pending = [...this.#pending];
    this.#pending.clear();
    for (const reject of pending) reject(this.#lastError);
  };

  /**
   * The answer to a command.
   *
   * @throws {BrokenConnection} if it may have been lost
   */
  async answerTo<T>(command: Promise<T>): Promise<T> {
    let lose = (_error: unknown): void => {};
    const lost = new Promise<never>((_resolve, reject) => {
      lose = reject;
      this.#pending.add(reject);
    });
    try {
      return await Promise.race([command, lost]);
    } catch (error) {
      if (error instanceof Error && error.name === 'ReplyError') throw error;
      throw new BrokenConnection(error);
    } finally {
      this.#pending.delete(lose);
    }
  }

  #connect(RedisClient: RedisClass, connection: object): Redis {
    const given = connection as { url?: string; retryStrategy?: (times: number) => number | null };
    const retryStrategy = given.retryStrategy ?? ((times: number) => Math.min(times * 100, MAX_RECONNECT));
    const options = {
      socketTimeout: SOCKET_TIMEOUT,
      maxRetriesPerRequest: null,
      // Commands on their way when a connection breaks are repeated by their senders, who know whether they may be.
      autoResendUnfulfilledCommands: false,
      ...given,
      retryStrategy: (times: number) => (this.#isClosed ? null : retryStrategy(times)),
    };
    return given.url === undefined ? new RedisClient(options) : new RedisClient(given.url, options);
  }

  /** Whether commands leave at once. */
  get isReady(): boolean {
    return this.client.status === 'ready';
  }

  /**
   * Resolves when commands leave at once. Rejects with the error of the next attempt to connect, or after `timeout`
   * milliseconds.
   */
  whenReady(timeout: number): Promise<void> {
    if (this.isReady) return Promise.resolve();
    if (this.client.status === 'end') return Promise.reject(this.#lastError ?? new Error(CLOSED));
    if (this.client.status === 'wait') this.client.connect().catch(() => {});
    return new Promise((resolve, reject) => {
      const settle = (error?: Error): void => {
        clearTimeout(timer);
        this.#waiting.delete(settle);
        if (error) reject(error);
        else resolve();
      };
      const timer = setTimeout(
        () => settle(this.#lastError ?? new Error(`there was no connection to Redis within ${timeout} ms`)),
        timeout,
      );
      this.#waiting.add(settle);
    });
  }

  /** Runs a script. */
  async run(name: ScriptName, args: readonly Argument[]): Promise<Reply> {
    const { client } = this;
    try {
      return (await this.answerTo(client.evalsha(String(DIGESTS.get(name)), 1, this.#base, ...args))) as Reply;
    } catch (error) {
      if (!reasonOf(error)?.startsWith('NOSCRIPT')) throw error;
      return (await this.answerTo(client.eval(SCRIPTS[name], 1, this.#base, ...args))) as Reply;
    }
  }

  /** Runs a script, and resolves when what it changed is as durable as the options ask for. */
  async runDurably(name: ScriptName, args: readonly Argument[], timeout: number): Promise<Reply> {
    const { fsync, replicas } = this.#durability;
    if (!fsync && replicas === 0) return this.run(name, args);
    const answer = this.run(name, args);
    // In the same pipeline.
    const confirmed = this.#confirm(timeout);
    const [reply] = await Promise.all([answer, confirmed]);
    return reply;
  }

  /** Waits for less than the recording does, so that the server's answer says what is missing. */
  async #confirm(recordTimeout: number): Promise<void> {
    const { fsync, replicas } = this.#durability;
    const timeout = Math.ceil(recordTimeout * 0.75);
    const [local = 0, remote = 0] = fsync
      ? ((await this.answerTo(this.client.call('WAITAOF', 1, replicas, timeout))) as number[])
      : [0, (await this.answerTo(this.client.call('WAIT', replicas, timeout))) as number];
    if (fsync && local < 1) throw new Error('Redis did not write to its disk in time');
    if (remote < replicas) throw new Error(`${remote} of ${replicas} replicas had it in time`);
  }

  close(): void {
    this.#isClosed = true;
    this.client.off('ready', this.#onReady);
    this.client.off('end', this.#onEnd);
    this.client.off('close', this.#onClose);
    this.#onEnd();
    this.#onClose();
    if (this.#isOwn) this.client.disconnect();
    // An error of a client that is being closed must not be thrown.
    else this.client.off('error', this.#onError);
  }
}

/** Scripts do not see the prefix that ioredis adds to keys. */
export function keyPrefixOf(connection: object): string | undefined {
  const options = isOptions(connection) ? connection : (connection as { options?: object }).options;
  return (options as { keyPrefix?: string } | undefined)?.keyPrefix;
}

/** @throws {RefportError} if the reply is not a list */
export function listOf(reply: Reply | undefined): Reply[] {
  if (Array.isArray(reply)) return reply;
  throw new RefportError('Redis answered something unexpected', { code: 'OUTBOX_FAILED' });
}
