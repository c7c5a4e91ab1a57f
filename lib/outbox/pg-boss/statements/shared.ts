/**
 * The SQL of the outbox over pg-boss' documented job table. pg-boss creates the schema, and deletes old jobs; entries are
 * recorded, taken and settled by statements of our own, since pg-boss inserts a batch in no order within a customer, and
 * looks through every waiting job for each fetch.
 *
 * Each change is one statement, so that it is atomic without a transaction, and works over any adapter.
 */

/** Entries that are pending or sending. Delivered ones leave a completed job without data, so that their ids stay known. */
export const ENTRIES = 'refport-outbox';
/** Parked entries. Each has a completed job in {@link ENTRIES}, too, which keeps its id known. */
export const PARKED = 'refport-outbox-parked';
/** At most one job per identity: while it exists, nobody sends. */
export const PAUSE = 'refport-outbox-pause';

export const POLICY = 'key_strict_fifo';

/** Seconds after which an entry counts as interrupted if its process has not confirmed that it is alive. */
export const LEASE = 15;
/** Seconds for which ids are remembered after delivery. */
export const REMEMBERED = 7 * 24 * 60 * 60;
/** Seconds, about 60 years: pg-boss deletes and expires nothing by itself. */
export const FOREVER = 1_900_000_000;
export const INT_MAX = 2_147_483_647;

/** The identity of entries that were recorded without a client. */
export const NOBODY = '0'.repeat(32);
/** An identity and a colon: the first part of a job's singleton key. The rest is the customer's. */
const PREFIX_LENGTH = 33;

/** Entries that one statement expires or adopts. */
export const BATCH = 1000;

export interface StatementOptions {
  schema: string;
  /** The table of the jobs, or the partition that holds all of ours. */
  table: string;
  /** 32 hex digits. Undefined for an operator, who works with all entries. */
  identity: string | undefined;
  /** Whether this version of pg-boss has jobs that wait for others. */
  hasBlocked: boolean;
  /** The column by which this version of pg-boss has an index of waiting jobs. Both are in the order of recording. */
  order: 'created_on' | 'start_after';
}

/** A commit that has been answered is on disk, whatever the server's default. Lasts as long as the statement. */
export const DURABLE = `set_config('synchronous_commit',
  CASE WHEN current_setting('synchronous_commit') IN ('on', 'remote_apply') THEN current_setting('synchronous_commit')
  ELSE 'on' END, true)`;

/** A statement that reads from `clock` waits for the disk. */
export const CLOCK = `clock AS MATERIALIZED (SELECT ${DURABLE})`;

/** Keeps only the hashed id of an entry, and nothing about the customer. */
export const LEAVE_ID = 'data = NULL, output = NULL, singleton_key = j.id::text';
/** The same for an entry that is gone. */
export const FORGET = `${LEAVE_ID}, completed_on = now()`;

/** The output of a job whose process died. */
export const INTERRUPTED = (job: string): string =>
  `COALESCE(${job}.output, '{}'::jsonb) || '{"interrupted": true}'::jsonb`;

/** A job that has been sent before and was not settled by us: its process died, or lost its connection to Postgres. */
export const IS_INTERRUPTED = (job: string): string =>
  `(${job}.output->>'interrupted' IS NOT NULL OR (${job}.state = 'retry' AND ${job}.output->>'waits' IS NULL))`;

/** Whether a request may have been counted whose entry waits again. */
export const MAY_BE_COUNTED = (job: string): string =>
  `(${IS_INTERRUPTED(job)} OR ${job}.output->>'mayBeCounted' IS NOT NULL)`;

export const IS_HELD = (job: string): string => `(${job}.state = 'created' AND ${job}.start_after > now())`;

/** When an entry became due. */
export const DUE_SINCE = (job: string): string =>
  `GREATEST(${job}.created_on, (${job}.data->>'deliverAt')::timestamptz)`;

export type Fragments = ReturnType<typeof fragmentsFor>;

/** The parts of statements that depend on the schema, the version of pg-boss and the identity. */
export function fragmentsFor({ schema, table: name, identity, hasBlocked, order }: StatementOptions) {
  const table = `"${schema}"."${name}"`;
  const own = `'${identity ?? NOBODY}:'`;
  const prefix = (job: string): string => `left(${job}.singleton_key, ${PREFIX_LENGTH})`;
  const isOwn = (job: string): string => (identity === undefined ? 'true' : `${prefix(job)} IN (${own}, '${NOBODY}:')`);
  const by = (job: string): string =>
    order === 'created_on' ? `${job}.priority DESC, ${job}.created_on` : `${job}.start_after`;
  /** These words match the predicates of pg-boss' partial indexes. */
  const isActive = (job: string): string => `${job}.state = 'active' AND ${job}.policy = '${POLICY}'`;
  const isWaiting = (job: string): string => `${job}.state < 'active'${hasBlocked ? ` AND NOT ${job}.blocked` : ''}`;
  const customerOf = (job: string): string => `substr(${job}.singleton_key, ${PREFIX_LENGTH + 1})`;
  /** `$n` is the customer's part of the key. */
  const isCustomer = (job: string, parameter: string): string =>
    identity === undefined
      ? `${customerOf(job)} = ${parameter}::text`
      : `${job}.singleton_key IN (${own} || ${parameter}::text, '${NOBODY}:' || ${parameter}::text)`;
  /** Its process has not confirmed that it is alive. */
  const isDead = (job: string): string => `${job}.started_on < now() - interval '${LEASE} seconds'`;
  const isPause = (job: string): string =>
    `${job}.name = '${PAUSE}' AND ${job}.singleton_key = ${own} AND ${job}.state <= 'active'`;

  return {
    table,
    jobState: `"${schema}".job_state`,
    identity,
    own,
    order,
    isOwn,
    by,
    isActive,
    isWaiting,
    isDead,
    customerOf,
    isCustomer,
    isPause,
    /** `from` has `id` and `customer`, and the entry in the column `data`. */
    insertParked: (data: string, from: string): string => `
        INSERT INTO ${table} (id, name, data, singleton_key, keep_until, expire_seconds, deletion_seconds)
        SELECT id, '${PARKED}', ${data}, customer, now() + interval '${FOREVER} seconds', ${INT_MAX}, ${FOREVER}
        FROM ${from} ON CONFLICT DO NOTHING`,
    takeParked: (condition: string): string =>
      `DELETE FROM ${table} p USING clock WHERE p.name = '${PARKED}' AND ${condition}`,
    /** The ids of parked entries that are gone are remembered from now on, as those of delivered ones. */
    remember: (gone: string): string => `
        UPDATE ${table} j SET deletion_seconds = ${REMEMBERED}, completed_on = now()
        FROM ${gone} WHERE j.name = '${ENTRIES}' AND j.id = ${gone}.id`,
  };
}
