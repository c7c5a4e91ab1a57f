import { setTimeout } from '#platform';
import { RefportError, reasonOf } from '../../client/errors.ts';
import { GRACE, settlesWithin } from '../queue/settles-within.ts';
import type { BossDb, ConstructorOptions, Db, PgBoss } from './boss.js';
import { warnIfNotDurable } from './durability.ts';
import { ENTRIES, FOREVER, PARKED, PAUSE, POLICY } from './statements/shared.ts';
import { type Statements, statementsFor } from './statements/statements.ts';

/** A worker sets up and maintains pg-boss' schema. A producer creates it if it is missing. An operator changes nothing. */
export type Role = 'worker' | 'producer' | 'operator';

export interface ConnectionSettings {
  readonly source: { readonly connectionString: string } | { readonly db: Db };
  readonly schema: string;
  /** 32 hex digits; undefined: all entries. */
  readonly identity: string | undefined;
  readonly role: Role;
  /** The version of pg-boss. */
  readonly version: string;
}

/** How long a connection, and an answer, may take before the connection counts as lost, in milliseconds. */
const LIMITS = { connectionTimeoutMillis: 10_000, query_timeout: 15_000 };
/** Postgres undid a statement because of others at the same time: in serializable transactions, or after a deadlock. */
const CONFLICTS: ReadonlySet<unknown> = new Set(['40001', '40P01']);
/** How often a statement runs that Postgres undid each time. */
const MOST_ATTEMPTS = 20;
/** Seconds between two rounds of pg-boss' maintenance. */
const SUPERVISE_INTERVAL = 60;

const QUEUES = [
  { name: ENTRIES, policy: POLICY },
  { name: PARKED, policy: 'standard' },
  { name: PAUSE, policy: 'exclusive' },
];

/** The schema, by Postgres' catalog. */
interface Catalog {
  /** Whether pg-boss' tables are there. */
  readonly job: boolean;
  /** Whether its jobs can wait for other jobs. */
  readonly blocked: boolean;
  /** Whether its index of waiting jobs is ordered by their creation. */
  readonly created: boolean;
}

/** Statements of the outbox, over pg-boss' connection pool or a database of the user's. */
export class PgConnection {
  readonly #makeBoss: () => PgBoss;
  readonly #settings: ConnectionSettings;
  #boss: PgBoss;
  #db: BossDb;
  #ready: Promise<Statements> | undefined;
  #isReady = false;

  constructor(Boss: new (options: ConstructorOptions) => PgBoss, settings: ConnectionSettings) {
    const { source, schema, role } = settings;
    this.#settings = settings;
    this.#makeBoss = () => {
      const boss = new Boss({
        ...('db' in source ? source : { ...LIMITS, ...source }),
        schema,
        migrate: role !== 'operator',
        schedule: false,
        supervise: role === 'worker',
        superviseIntervalSeconds: SUPERVISE_INTERVAL,
      });
      // Each statement that needs Postgres fails by itself.
      boss.on('error', () => {});
      return boss;
    };
    this.#boss = this.#makeBoss();
    this.#db = this.#boss.getDb();
    // Now, not with the first use, which may be in transactions that have taken every connection of the pool.
    if (role !== 'operator') this.ready().catch(() => {});
  }

  /** Runs a statement of the outbox. */
  async run<Row = unknown>(choose: (statements: Statements) => string, values: unknown[] = []): Promise<Row[]> {
    const text = choose(await this.ready());
    for (let attempt = 1; ; attempt++) {
      try {
        return rowsOf(await query(this.#db, text, values)) as Row[];
      } catch (error) {
        if (attempt === MOST_ATTEMPTS || !CONFLICTS.has((error as { code?: unknown }).code)) throw error;
        await new Promise<void>((resolve) => void setTimeout(resolve, Math.random() * 10 * attempt));
      }
    }
  }

  /** Runs a statement in a transaction of the user's. */
  async runIn<Row>(db: Db, choose: (statements: Statements) => string, values: unknown[]): Promise<Row[]> {
    const statements = await this.#statementsIn(db);
    return rowsOf(await query(db, choose(statements), values)) as Row[];
  }

  /** The statements, as soon as the schema is there. Tried again after a failure. */
  ready(): Promise<Statements> {
    this.#ready ??= this.#open().catch((error) => {
      // Older versions of pg-boss start only once, even if it fails.
      const failed = this.#boss;
      this.#boss = this.#makeBoss();
      this.#db = this.#boss.getDb();
      this.#ready = undefined;
      void stop(failed);
      throw this.#explain(error);
    });
    return this.#ready;
  }

  async close(): Promise<void> {
    const stopped = (async () => {
      await this.#ready?.catch(() => {});
      await stop(this.#boss);
    })();
    await settlesWithin(GRACE, stopped);
  }

  /**
   * In a transaction, nothing waits for a connection: with a pool of as many connections as there are transactions, there
   * is none.
   */
  async #statementsIn(db: Db): Promise<Statements> {
    if (!this.#isReady) {
      const catalog = await this.#readCatalog(db);
      const table = catalog.job ? await this.#findTable(db) : undefined;
      if (table !== undefined) return this.#statements(catalog, table);
    }
    return this.ready();
  }

  async #open(): Promise<Statements> {
    const { role } = this.#settings;
    if (this.#db.opened === false) await this.#db.open?.();
    let catalog = await this.#readCatalog(this.#db);
    let table = catalog.job ? await this.#findTable(this.#db) : undefined;
    if (role === 'worker' || (role === 'producer' && table === undefined)) {
      // Creates or migrates the schema, and maintains it from now on if this is a worker.
      if (role === 'worker' || !catalog.job) await this.#boss.start();
      await this.#createQueues();
      catalog = await this.#readCatalog(this.#db);
      table = await this.#findTable(this.#db);
    }
    if (table === undefined) throw failure(`There is no outbox in the schema ${this.#settings.schema}`);
    if (role !== 'operator') await warnIfNotDurable(this.#db);
    this.#isReady = true;
    return this.#statements(catalog, table);
  }

  /** In a schema that is there, whatever its version: a producer migrates nothing. */
  async #createQueues(): Promise<void> {
    const options = { retentionSeconds: FOREVER, deleteAfterSeconds: FOREVER, expireInSeconds: 24 * 60 * 60 - 1 };
    for (const { name, policy } of QUEUES) {
      const text = `SELECT "${this.#settings.schema}".create_queue($1::text, $2::text::jsonb)`;
      await this.#db.executeSql(text, [name, JSON.stringify({ ...options, policy })]);
    }
  }

  async #readCatalog(db: Db): Promise<Catalog> {
    const { schema } = this.#settings;
    const { rows } = await db.executeSql(
      `SELECT to_regclass($1::text) IS NOT NULL AND to_regclass($2::text) IS NOT NULL AS job, EXISTS (
         SELECT FROM pg_attribute WHERE attrelid = to_regclass($1::text) AND attname = 'blocked' AND NOT attisdropped) AS blocked,
       EXISTS (SELECT FROM pg_indexes WHERE schemaname = $3::text AND tablename LIKE 'job%'
         AND indexdef LIKE '%(name, priority DESC, created_on%') AS created`,
      [`"${schema}".job`, `"${schema}".queue`, schema],
    );
    return rows[0] as Catalog;
  }

  /** The table that holds the queues' jobs, or undefined if one of the queues is missing. */
  async #findTable(db: Db): Promise<string | undefined> {
    const { rows } = await db.executeSql(
      `SELECT count(*)::int AS count, min(table_name) AS first, max(table_name) AS last
       FROM "${this.#settings.schema}".queue WHERE name IN (${QUEUES.map(({ name }) => `'${name}'`).join(', ')})`,
    );
    const { count, first, last } = rows[0] as { count: number; first: string; last: string };
    if (count < QUEUES.length) return undefined;
    // Straight to the partition, which spares Postgres finding it for each statement.
    return first === last ? first : 'job';
  }

  #statements({ blocked, created }: Catalog, table: string): Statements {
    const { schema, identity } = this.#settings;
    return statementsFor({
      schema,
      table,
      identity,
      hasBlocked: blocked,
      order: created ? 'created_on' : 'start_after',
    });
  }

  /** Errors of an unsuitable schema. Those of the connection say enough. */
  #explain(cause: unknown): unknown {
    if (cause instanceof RefportError || isConnectionError(cause)) return cause;
    const { schema, version } = this.#settings;
    return failure(
      `pg-boss ${version} cannot use the schema ${schema}: ${reasonOf(cause)}. If another major version of pg-boss made it, ` +
        'choose another schema for the outbox, or migrate it as pg-boss describes',
      cause,
    );
  }
}

async function stop(boss: PgBoss): Promise<void> {
  const db = boss.getDb();
  await boss.stop({ graceful: false }).catch(() => {});
  if (db.opened) await db.close?.().catch(() => {});
}

function failure(message: string, cause?: unknown): Error {
  return new RefportError(message, { code: 'OUTBOX_FAILED', cause });
}

/** A text of several statements has no values. */
function query(db: Db, text: string, values: unknown[]): Promise<unknown> {
  return values.length === 0 ? db.executeSql(text) : db.executeSql(text, values);
}

/** node-postgres returns a list of results for several statements. */
function rowsOf(result: unknown): unknown[] {
  const results = Array.isArray(result) ? result : [result];
  return results.flatMap(({ rows }: { rows?: unknown[] }) => rows ?? []);
}

/** Postgres is away: no reason to doubt the schema. */
function isConnectionError(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return error instanceof AggregateError || (typeof code === 'string' && /^(E[A-Z]+|08...|57P0.|53300)$/.test(code));
}
