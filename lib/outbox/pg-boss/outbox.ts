import type { PgOutboxOptions } from '../../../types/pg-boss.js';
import { RefportError, RefportValidationError } from '../../client/errors.ts';
import { optionNames } from '../../client/option-names.ts';
import { getEngineClient, getIdentity } from '../../client/registry.ts';
import { OutboxBase } from '../outbox-base.ts';
import { namedOptions, optionalText, RECORD_NAMES } from '../outbox-options.ts';
import { isOlder, type Peer, requirePeer } from '../queue/peer.ts';
import { probe } from '../queue/probe.ts';
import { QUEUE_NAMES, queueOptions } from '../queue/queue-options.ts';
import { type ConnectionSettings, PgConnection, type Role } from './connection.ts';
import { schemaName } from './schema-name.ts';
import { NOBODY } from './statements/shared.ts';
import { databaseOf, PgStore } from './store.ts';
import { PgWorker } from './worker.ts';

const NAMES = optionNames('new PgOutbox()', {
  connectionString: ['connection', 'url', 'uri', 'dsn', 'databaseurl'],
  db: ['database', 'pool', 'client'],
  schema: ['prefix', 'namespace', 'searchpath'],
  ...QUEUE_NAMES,
});
const RECORDING = optionNames('a recorded conversion', {
  db: ['transaction', 'tx', 'trx', 'client', 'connection'],
  ...RECORD_NAMES,
});
/** The first version with a policy that keeps the order of each key, and the first one that nobody has tried. */
const PEER: Peer = { entry: 'refport/outbox/pg-boss', name: 'pg-boss', install: 'pg-boss', minimum: '12.11' };
const UNTRIED = '13';
/** The operator's commands fail soon enough for a person. */
const OPERATOR_TIMEOUT = 10_000;

/** The outbox on pg-boss and Postgres. */
export class PgOutbox extends OutboxBase {
  constructor(refport: unknown, options: PgOutboxOptions) {
    const given = namedOptions(options, NAMES, '{ connectionString: process.env.DATABASE_URL }');
    const checked = queueOptions(refport, given, 'PgOutbox');
    const source = sourceOf(optionalText('connectionString', given.connectionString), given.db);
    const schema = schemaName(given.schema);
    const { Boss, version } = loadPgBoss();
    const { client, delivers, records, retryAmbiguous } = checked;
    const identity = client === undefined ? undefined : (getIdentity(client) ?? NOBODY);
    super({ records, retryAmbiguous, recordNames: RECORDING }, (events) => {
      const role: Role = delivers ? 'worker' : 'producer';
      const connection = new PgConnection(Boss, { source, schema, identity, role, version });
      const engineClient = client && getEngineClient(client);
      const worker =
        client && delivers
          ? new PgWorker(connection, events, {
              ...checked,
              schema,
              client,
              probe: engineClient && ((signal) => probe(engineClient, signal)),
            })
          : undefined;
      return new PgStore(connection, { identity, recordTimeout: checked.recordTimeout }, worker);
    });
  }
}

export interface OperatorOptions {
  readonly schema?: string | undefined;
  /** Whether the outbox is made if there is none. */
  readonly creates?: boolean | undefined;
  /** Undefined: the entries of all identities. */
  readonly identity?: string | undefined;
}

/** The entries as an operator works with them: nothing is delivered. */
export function openPgStore(connectionString: string, { schema, creates, identity }: OperatorOptions = {}): PgStore {
  const { Boss, version } = loadPgBoss();
  const role: Role = creates ? 'producer' : 'operator';
  const settings = { source: { connectionString }, schema: schemaName(schema), identity, version, role };
  return new PgStore(new PgConnection(Boss, settings), { identity, recordTimeout: OPERATOR_TIMEOUT }, undefined);
}

function sourceOf(connectionString: string | undefined, db: unknown): ConnectionSettings['source'] {
  const database = databaseOf(db);
  if (connectionString !== undefined && database === undefined) return { connectionString };
  if (connectionString === undefined && database !== undefined) return { db: database };
  throw new RefportValidationError('pass either connectionString (postgres://…) or db, a database of pg-boss');
}

function loadPgBoss(): { Boss: typeof import('pg-boss').PgBoss; version: string } {
  const { PgBoss: Boss } = requirePeer(PEER, () => require('pg-boss') as typeof import('pg-boss'), pgBossVersion);
  const version = pgBossVersion() ?? '12';
  if (!isOlder(version, UNTRIED)) {
    const message = `${PEER.entry} needs pg-boss 12.11 or a later 12, found ${version}: npm install ${PEER.install}`;
    throw new RefportError(message, { code: 'MISSING_DEPENDENCY' });
  }
  return { Boss, version };
}

/** Undefined where a bundler has taken the package apart. */
function pgBossVersion(): string | undefined {
  try {
    return (require('pg-boss/package.json') as { version: string }).version;
  } catch {
    return undefined;
  }
}
