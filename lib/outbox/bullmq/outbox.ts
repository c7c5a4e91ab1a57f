import type { Redis } from 'ioredis';
import type { BullOutboxOptions } from '../../../types/bullmq.js';
import { RefportError, RefportValidationError } from '../../client/errors.ts';
import { optionNames } from '../../client/option-names.ts';
import * as check from '../../client/option-values.ts';
import { getEngineClient, getIdentity } from '../../client/registry.ts';
import { warnOfForeign } from '../foreign.ts';
import { OutboxBase } from '../outbox-base.ts';
import { namedOptions, optionalText, RECORD_NAMES } from '../outbox-options.ts';
import { requirePeer } from '../queue/peer.ts';
import { QUEUE_NAMES, queueOptions } from '../queue/queue-options.ts';
import { STORE_TIMEOUT, wrapStoreErrors } from '../queue/store-errors.ts';
import { Connection, type Durability, isOptions, keyPrefixOf, type RedisClass } from './connection.ts';
import { RecordBatch } from './record-batch.ts';
import { EVERYBODY, NOBODY } from './scripts/shared.ts';
import { readServerSettings, warnOfSettings } from './server-settings.ts';
import { BullStore } from './store.ts';
import { BullWorker } from './worker.ts';

/** BullMQ's own default. */
const PREFIX = 'bull';
const QUEUE = 'refport-outbox';
const NOT_DURABLE: Durability = { fsync: false, replicas: 0 };

const names = optionNames('new BullOutbox()', {
  connection: ['redis', 'client', 'url', 'redisurl', 'connectionstring'],
  prefix: ['keyprefix', 'namespace'],
  waitFor: ['wait', 'durability', 'fsync', 'replicas'],
  ...QUEUE_NAMES,
});
const recordNames = optionNames('a recorded conversion', RECORD_NAMES);

/** The outbox on Redis, with its entries as jobs of BullMQ. */
export class BullOutbox extends OutboxBase {
  constructor(refport: unknown, options: BullOutboxOptions) {
    const given = namedOptions(options, names, '{ connection: { url: "redis://…" } }');
    const checked = queueOptions(refport, given, 'BullOutbox');
    const connection = checkConnection(given.connection);
    const prefix = optionalText('prefix', given.prefix) ?? PREFIX;
    const durability = checkDurability(given.waitFor);
    const RedisClient = requireRedis();
    super({ ...checked, recordNames }, (events) => {
      const base = baseOf(prefix);
      const identity = getIdentity(refport) ?? NOBODY;
      const commands = new Connection({ RedisClient, connection }, base, durability);
      const connections = [commands];
      let worker: BullWorker | undefined;
      if (checked.delivers && checked.client !== undefined) {
        const listener = new Connection({ RedisClient, connection, duplicate: true }, base, durability);
        connections.push(listener);
        worker = new BullWorker({
          connection: commands,
          listener,
          base,
          identity,
          client: checked.client,
          probeClient: getEngineClient(refport),
          options: checked,
          events,
          onForeign: (count) => warnOfForeign(count, `The outbox with the prefix ${prefix}`, 'choose another prefix'),
        });
      }
      const store = new BullStore({
        connection: commands,
        base,
        identity: refport === null ? EVERYBODY : identity,
        batch: new RecordBatch(commands, identity, checked.recordTimeout),
        worker,
        onClose: () => {
          for (const one of connections) one.close();
        },
      });
      void prepare(commands, durability, checked.adopt ? store : undefined);
      return store;
    });
  }
}

/** Once connected, checks the server's settings and adopts the entries of other keys. */
async function prepare(connection: Connection, durability: Durability, adopter: BullStore | undefined): Promise<void> {
  try {
    await connection.whenReady(2 ** 31 - 1);
    const settings = readServerSettings(await connection.client.info());
    if (settings) warnOfSettings(settings, durability);
    await adopter?.adopt();
  } catch {
    // Not allowed to ask, or away: whatever needs Redis fails by itself.
  }
}

const baseOf = (prefix: string): string => `${prefix}:${QUEUE}:`;

function checkConnection(connection: unknown): object {
  if (typeof connection !== 'object' || connection === null) {
    throw new RefportValidationError('connection must be options for Redis such as { url: "redis://…" }, or a client');
  }
  if (!isOptions(connection) && typeof (connection as Partial<Redis>).evalsha !== 'function') {
    throw new RefportValidationError('connection must be options for Redis, or a client of ioredis');
  }
  if (keyPrefixOf(connection)) {
    throw new RefportValidationError("connection must not have a keyPrefix: use the outbox's option prefix");
  }
  return connection;
}

function checkDurability(value: unknown): Durability {
  if (value === undefined) return NOT_DURABLE;
  if (typeof value !== 'object' || value === null) {
    throw new RefportValidationError('waitFor must be an object such as { fsync: true, replicas: 1 }');
  }
  const { fsync, replicas } = value as { fsync?: unknown; replicas?: unknown };
  return {
    fsync: check.boolean('waitFor.fsync', fsync ?? false),
    replicas: check.integer('waitFor.replicas', replicas ?? 0, { min: 0, max: 100 }),
  };
}

export interface OperatorOptions {
  readonly prefix?: string | undefined;
  /** Whether the outbox may be missing. */
  readonly creates?: boolean;
  /** By default the entries of all identities. */
  readonly identity?: string | undefined;
}

/**
 * The entries as an operator works with them, where an outbox has kept some.
 *
 * @throws {RefportError} with the code `OUTBOX_FAILED`
 */
export async function openBullStore(url: string, options: OperatorOptions): Promise<BullStore> {
  const { prefix = PREFIX, creates = false, identity = EVERYBODY } = options;
  const base = baseOf(prefix);
  // A single command fails at once instead of connecting again.
  const once = { url, retryStrategy: () => null };
  const connection = new Connection({ RedisClient: requireRedis(), connection: once }, base, NOT_DURABLE);
  const store = new BullStore({
    connection,
    base,
    identity,
    batch: new RecordBatch(connection, identity === EVERYBODY ? NOBODY : identity, STORE_TIMEOUT),
    worker: undefined,
    onClose: () => connection.close(),
  });
  try {
    await wrapStoreErrors(connection.whenReady(STORE_TIMEOUT));
    if (creates || (await connection.client.exists(`${base}rf:identities`)) === 1) return store;
    throw new RefportError(`There is no outbox with the prefix ${prefix}`, { code: 'OUTBOX_FAILED' });
  } catch (error) {
    await store.close();
    throw error;
  }
}

const ENTRY = 'refport/outbox/bullmq';
const INSTALL = 'bullmq ioredis';

/** BullMQ itself is not loaded: its version says which layout its dashboards expect. */
function requireRedis(): RedisClass {
  requirePeer(
    { entry: ENTRY, name: 'bullmq', install: INSTALL, minimum: '5.0' },
    () => require.resolve('bullmq'),
    () => (require('bullmq/package.json') as { version: string }).version,
  );
  const { Redis } = requirePeer(
    { entry: ENTRY, name: 'ioredis', install: INSTALL, minimum: '5.0' },
    () => require('ioredis') as { Redis: RedisClass },
    () => (require('ioredis/package.json') as { version: string }).version,
  );
  return Redis;
}
