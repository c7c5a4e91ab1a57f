/** The parts of pg-boss that are used. Its own declarations do not compile with `skipLibCheck: false` (`tsconfig.json` replaces them). */

export interface Db {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/** pg-boss' own connection pool. A database that its user passes has no `open`. */
export interface BossDb extends Db {
  readonly opened?: boolean;
  open?(): Promise<void>;
  close?(): Promise<void>;
}

export interface ConstructorOptions {
  connectionString?: string;
  connectionTimeoutMillis?: number;
  query_timeout?: number;
  db?: Db;
  schema?: string;
  migrate?: boolean;
  schedule?: boolean;
  supervise?: boolean;
  superviseIntervalSeconds?: number;
}

export class PgBoss {
  constructor(options: ConstructorOptions);
  on(event: 'error', listener: (error: Error) => void): this;
  start(): Promise<unknown>;
  stop(options: { graceful: boolean }): Promise<void>;
  getDb(): BossDb;
}

/** Transactions of other libraries as databases of pg-boss. */
export function fromDrizzle(tx: unknown, sql: unknown): Db;
export function fromKnex(trx: unknown): Db;
export function fromKysely(trx: unknown): Db;
export function fromPrisma(tx: unknown): Db;
