/** What is used of pg-boss. Its own declarations do not pass a check (`tsconfig.json` puts these in their place). */

export interface Db {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

export interface TransactionalDb extends Db {
  beginTransaction(): Promise<{ db: Db; commit(): Promise<void>; rollback(): Promise<void> }>;
}

export interface ConnectionOptions {
  db?: Db;
}

export interface ConstructorOptions {
  connectionString?: string;
  connectionTimeoutMillis?: number;
  query_timeout?: number;
  db?: TransactionalDb;
  schema?: string;
  migrate?: boolean;
  schedule?: boolean;
  supervise?: boolean;
  superviseIntervalSeconds?: number;
  monitorIntervalSeconds?: number;
}

/** One attempt at a job: what is done to it has no effect once there was another. */
export interface JobAttempt {
  id: string;
  retryCount: number;
}

export interface JobWithMetadata<T> extends JobAttempt {
  data: T;
  output: object | null;
  startAfter: Date;
}

export interface Settled {
  affected: number;
}

export interface SendOptions extends ConnectionOptions {
  id?: string;
  singletonKey?: string;
  startAfter?: Date;
  deleteAfterSeconds?: number;
}

export class PgBoss {
  constructor(options: ConstructorOptions);
  on(event: 'error', listener: (error: Error) => void): this;
  start(): Promise<this>;
  stop(options: { graceful: boolean }): Promise<void>;
  getDb(): TransactionalDb;
  getQueue(name: string): Promise<object | null>;
  createQueue(name: string, options: object): Promise<void>;
  send(name: string, data: object, options: SendOptions): Promise<string | null>;
  fetch<T>(name: string, options: { batchSize?: number; includeMetadata: true }): Promise<JobWithMetadata<T>[]>;
  findJobs<T>(
    name: string,
    options: ConnectionOptions & { id?: string; key?: string; queued?: boolean; limit?: number; after?: string },
  ): Promise<JobWithMetadata<T>[]>;
  complete(
    name: string,
    job: string | JobAttempt,
    data: object | null,
    options?: ConnectionOptions & { includeQueued?: boolean },
  ): Promise<Settled>;
  fail(name: string, job: JobAttempt, data: object): Promise<Settled>;
  deleteJob(name: string, job: string | JobAttempt, options?: ConnectionOptions): Promise<Settled>;
  touch(name: string, jobs: JobAttempt | JobAttempt[]): Promise<Settled>;
  update(name: string, data: undefined, options: { id: string; startAfter: Date }): Promise<unknown>;
}
