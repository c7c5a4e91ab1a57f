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
const REMEMBERED = 7 * 24 * 60 * 60;
/** Seconds, about 60 years: pg-boss deletes and expires nothing by itself. */
export const FOREVER = 1_900_000_000;
const INT_MAX = 2_147_483_647;

/** Stands where an identity stands, for entries that were recorded without a client. */
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
const DURABLE = `set_config('synchronous_commit',
  CASE WHEN current_setting('synchronous_commit') IN ('on', 'remote_apply') THEN current_setting('synchronous_commit')
  ELSE 'on' END, true)`;

/** Leaves of an entry that is gone only its id, hashed, and nothing about the customer. */
const FORGET = `data = NULL, output = NULL, singleton_key = j.id::text, completed_on = now()`;

/** A job that has been sent before and was not settled by us: its process died, or lost its connection to Postgres. */
const IS_INTERRUPTED = (job: string): string =>
  `(${job}.output->>'interrupted' IS NOT NULL OR (${job}.state = 'retry' AND ${job}.output->>'waits' IS NULL))`;

/** Whether a request may have been counted whose entry waits again. */
const MAY_BE_COUNTED = (job: string): string =>
  `(${IS_INTERRUPTED(job)} OR ${job}.output->>'mayBeCounted' IS NOT NULL)`;

const IS_HELD = (job: string): string => `(${job}.state = 'created' AND ${job}.start_after > now())`;

/** Since when an entry could have been sent. */
const DUE_SINCE = (job: string): string => `GREATEST(${job}.created_on, (${job}.data->>'deliverAt')::timestamptz)`;

/** Oldest first, a page after the last job of the page before. `$1` and `$2` say which that was; `$3` is an id, or null. */
const page = (table: string, queue: string, condition: string): string => `
  SELECT j.id, j.state::text, j.data, j.output, j.retry_count AS attempts, ${IS_HELD('j')} AS held,
         to_char(j.created_on AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS position
  FROM ${table} j
  WHERE j.name = '${queue}' AND ${condition} AND ($3::uuid IS NULL OR j.id = $3::uuid)
    AND (j.created_on, j.id) > ($1::timestamptz, $2::uuid)
  ORDER BY j.created_on, j.id LIMIT 100`;

/**
 * Postgres walks along the index of waiting jobs, however few of them its statistics expect: they are of a time when the queue
 * was empty, or there are none. Lasts as long as the statements of one text.
 */
const WALK =
  'SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off; SET LOCAL jit = off;';

/** Options of {@link Statements.take}. */
export interface TakeOptions {
  readonly count: number;
  readonly candidates: number;
  /** Also while there is a pause. */
  readonly isProbe: boolean;
  /** Milliseconds. */
  readonly maxAge: number;
}

export type Statements = ReturnType<typeof statementsFor>;

export function statementsFor({ schema, table: name, identity, hasBlocked, order }: StatementOptions) {
  const table = `"${schema}"."${name}"`;
  const own = `'${identity ?? NOBODY}:'`;
  const prefix = (job: string): string => `left(${job}.singleton_key, ${PREFIX_LENGTH})`;
  const isOwn = (job: string): string => (identity === undefined ? 'true' : `${prefix(job)} IN (${own}, '${NOBODY}:')`);
  const by = (job: string): string =>
    order === 'created_on' ? `${job}.priority DESC, ${job}.created_on` : `${job}.start_after`;
  /** These words match the predicates of pg-boss' partial indexes. */
  const isActive = (job: string): string => `${job}.state = 'active' AND ${job}.policy = '${POLICY}'`;
  const isWaiting = (job: string): string => `${job}.state < 'active'${hasBlocked ? ` AND NOT ${job}.blocked` : ''}`;
  /** `$n` is the customer's part of the key. */
  const isCustomer = (job: string, parameter: string): string =>
    identity === undefined
      ? `substr(${job}.singleton_key, ${PREFIX_LENGTH + 1}) = ${parameter}::text`
      : `${job}.singleton_key IN (${own} || ${parameter}::text, '${NOBODY}:' || ${parameter}::text)`;
  const insertParked = (source: string): string => `
    INSERT INTO ${table} (id, name, data, singleton_key, keep_until, expire_seconds, deletion_seconds)
    ${source} ON CONFLICT DO NOTHING`;

  return {
    /**
     * `$1`: JSON text of `[{ n, id, key, at, data }]`. Returns the ids that were new. The order of a batch is kept by
     * microseconds between its jobs.
     */
    record: (isInTransaction: boolean): string => `
      WITH i AS (
        SELECT * FROM json_to_recordset($1::text::json) AS x(n int, id uuid, key text, at timestamptz, data jsonb)
      ), clock AS MATERIALIZED (
        SELECT clock_timestamp() AS now${isInTransaction ? '' : `, ${DURABLE}`}
      )
      INSERT INTO ${table} (id, name, data, singleton_key, start_after, created_on, keep_until, retry_limit, retry_count,
        expire_seconds, deletion_seconds, policy)
      SELECT i.id, '${ENTRIES}', i.data, i.key, GREATEST(i.at, clock.now + i.n * interval '1 microsecond'),
        clock.now + i.n * interval '1 microsecond', clock.now + interval '${FOREVER} seconds', ${INT_MAX}, 0, ${INT_MAX}, ${REMEMBERED}, '${POLICY}'
      FROM i, clock ORDER BY i.n
      ON CONFLICT DO NOTHING RETURNING id`,

    /**
     * Takes up to `count` entries, of the first `candidates` that are due: the oldest one of each customer, unless another one
     * of the customer is being sent or waits to be repeated.
     *
     * A job that this returns was updated from waiting to active by this statement, and is nobody else's; `attempt` names the
     * taking, and everything that is done to it later has no effect if it was taken again. Several statements in one text,
     * which is one transaction.
     */
    take: ({ count, candidates, isProbe, maxAge }: TakeOptions): string => `${WALK}
      WITH clock AS MATERIALIZED (SELECT ${DURABLE}),
      busy AS MATERIALIZED (
        SELECT b.singleton_key FROM ${table} b
        WHERE b.name = '${ENTRIES}' AND b.policy = '${POLICY}' AND b.state IN ('active', 'retry', 'failed')
      ), candidate AS MATERIALIZED (
        SELECT c.id, c.singleton_key, c.state, c.${order} AS position FROM ${table} c
        WHERE c.name = '${ENTRIES}' AND ${isWaiting('c')} AND c.start_after <= now() AND ${isOwn('c')}
          AND (c.state = 'retry' OR c.singleton_key NOT IN (SELECT singleton_key FROM busy))
        ORDER BY ${by('c')} LIMIT ${candidates}
      ), head AS (
        SELECT DISTINCT ON (singleton_key) id FROM candidate ORDER BY singleton_key, state DESC, position, id
      ), next AS (
        SELECT n.id, n.state AS was FROM ${table} n JOIN head ON head.id = n.id
        WHERE n.name = '${ENTRIES}' AND n.state < 'active'
          AND (${isProbe} OR NOT EXISTS (
            SELECT FROM ${table} p WHERE p.name = '${PAUSE}' AND p.singleton_key = ${own} AND p.state <= 'active'))
        ORDER BY ${by('n')} LIMIT ${count} FOR UPDATE OF n SKIP LOCKED
      )
      UPDATE ${table} j SET state = 'active', started_on = now(), retry_count = j.retry_count + 1
      FROM next, clock WHERE j.name = '${ENTRIES}' AND j.id = next.id
      RETURNING j.id, j.data, j.output, j.retry_count AS attempt, next.was::text AS was,
        (next.was = 'retry' AND j.output->>'waits' IS NULL OR j.output->>'interrupted' IS NOT NULL) AS interrupted,
        ${DUE_SINCE('j')} < now() - ${maxAge} * interval '1 millisecond' AS expired`,

    /**
     * Settles attempts. `$1`: JSON text of `[{ id, attempt, kind, was, wait, output, data }]`.
     *
     * - `done`: delivered.
     * - `retry`: waits for `wait` milliseconds; `output` says why.
     * - `release`: was not sent, and is as before.
     * - `park`: `data` is the parked entry.
     *
     * Returns the ids whose attempt was still this one. An entry that was erased meanwhile is gone, whatever the kind.
     */
    settle: `
      WITH clock AS MATERIALIZED (SELECT ${DURABLE}),
      i AS (
        SELECT * FROM json_to_recordset($1::text::json)
          AS x(id uuid, attempt int, kind text, was text, wait float8, output jsonb, data jsonb)
      ), before AS (
        SELECT o.id, i.attempt, i.wait, i.output, i.data, o.singleton_key, o.created_on, i.was,
          CASE WHEN o.data IS NULL THEN 'done' ELSE i.kind END AS kind, o.data IS NULL AS erased
        FROM i, ${table} o, clock
        WHERE o.name = '${ENTRIES}' AND o.id = i.id AND o.state = 'active' AND o.retry_count = i.attempt
        FOR UPDATE OF o
      ), settled AS (
        UPDATE ${table} j SET
          state = (CASE b.kind WHEN 'retry' THEN 'retry' WHEN 'release' THEN b.was ELSE 'completed' END)::"${schema}".job_state,
          start_after = CASE b.kind WHEN 'retry' THEN now() + b.wait * interval '1 millisecond' ELSE j.start_after END,
          retry_count = CASE b.kind WHEN 'release' THEN j.retry_count - 1 ELSE j.retry_count END,
          output = CASE b.kind WHEN 'retry' THEN b.output WHEN 'release' THEN j.output END,
          data = CASE WHEN b.kind IN ('retry', 'release') THEN j.data END,
          singleton_key = CASE WHEN b.kind IN ('retry', 'release') THEN j.singleton_key ELSE j.id::text END,
          completed_on = CASE WHEN b.kind IN ('retry', 'release') THEN NULL ELSE now() END,
          deletion_seconds = CASE b.kind WHEN 'park' THEN ${FOREVER} ELSE ${REMEMBERED} END
        FROM before b WHERE j.name = '${ENTRIES}' AND j.id = b.id AND j.state = 'active' AND j.retry_count = b.attempt
        RETURNING j.id, b.kind, b.data, b.singleton_key AS customer, b.erased
      ), parked AS (${insertParked(`
        SELECT id, '${PARKED}', data, customer, now() + interval '${FOREVER} seconds', ${INT_MAX}, ${FOREVER}
        FROM settled WHERE kind = 'park'`)}
      )
      SELECT id FROM settled WHERE NOT erased`,

    /** This process is alive. `$1`: JSON text of `[{ id, attempt }]`. Returns the ids that are still its own. */
    confirm: `
      UPDATE ${table} j SET started_on = now()
      FROM json_to_recordset($1::text::json) AS i(id uuid, attempt int)
      WHERE j.name = '${ENTRIES}' AND j.id = i.id AND j.state = 'active' AND j.retry_count = i.attempt
      RETURNING j.id`,

    /** Gives back the entries of processes that have died. Of any identity: it changes nothing about whose they are. */
    interrupt: `
      UPDATE ${table} j SET state = 'retry', start_after = now(),
        output = COALESCE(j.output, '{}'::jsonb) || '{"interrupted": true}'::jsonb
      WHERE j.name = '${ENTRIES}' AND ${isActive('j')} AND j.started_on < now() - interval '${LEASE} seconds'
        AND j.data IS NOT NULL
      RETURNING j.id`,

    /** Ends the entries of dead processes that were erased while they were sent. */
    forgetErased: `
      UPDATE ${table} j SET state = 'completed', ${FORGET}
      WHERE j.name = '${ENTRIES}' AND ${isActive('j')} AND j.started_on < now() - interval '${LEASE} seconds'
        AND j.data IS NULL
      RETURNING j.id`,

    /** Parks a batch of entries that are older than `$1` seconds, unless they may have been counted. */
    expire: `
      WITH clock AS MATERIALIZED (SELECT ${DURABLE}),
      old AS (
        SELECT o.id, o.singleton_key, o.data || jsonb_build_object(
          'reason', 'expired', 'attempts', o.retry_count, 'error', o.output->'error') AS data
        FROM ${table} o, clock
        WHERE o.name = '${ENTRIES}' AND ${isWaiting('o')} AND ${isOwn('o')} AND NOT ${IS_HELD('o')}
          AND o.priority = 0 AND o.created_on < now() - $1::float8 * interval '1 second'
          AND ${DUE_SINCE('o')} < now() - $1::float8 * interval '1 second' AND NOT ${IS_INTERRUPTED('o')}
        ORDER BY o.created_on LIMIT ${BATCH} FOR UPDATE OF o SKIP LOCKED
      ), gone AS (
        UPDATE ${table} j SET state = 'completed', ${FORGET}, deletion_seconds = ${FOREVER}
        FROM old WHERE j.name = '${ENTRIES}' AND j.id = old.id
        RETURNING j.id, old.data AS parked, old.singleton_key AS customer
      ), parked AS (${insertParked(`
        SELECT id, '${PARKED}', parked, customer, now() + interval '${FOREVER} seconds', ${INT_MAX}, ${FOREVER} FROM gone`)}
      )
      SELECT parked AS data FROM gone`,

    /** Removes a batch of the rejected entries that were parked more than `$1` seconds ago. */
    dropRejected: `
      WITH dropped AS (
        DELETE FROM ${table} p WHERE (p.name, p.id) IN (
          SELECT d.name, d.id FROM ${table} d
          WHERE d.name = '${PARKED}' AND d.state < 'active' AND ${isOwn('d')} AND d.data->>'reason' = 'rejected'
            AND d.created_on < now() - $1::float8 * interval '1 second'
          LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
        RETURNING p.id
      ), remembered AS (
        UPDATE ${table} j SET deletion_seconds = ${REMEMBERED}, completed_on = now()
        FROM dropped WHERE j.name = '${ENTRIES}' AND j.id = dropped.id
      )
      SELECT id FROM dropped`,

    /** Takes over a batch of the entries of other identities that nobody is sending. */
    adopt: `
      UPDATE ${table} j SET singleton_key = ${own} || substr(j.singleton_key, ${PREFIX_LENGTH + 1}),
        state = (CASE j.state WHEN 'retry' THEN 'created' ELSE j.state::text END)::"${schema}".job_state,
        output = CASE WHEN ${IS_INTERRUPTED('j')} THEN COALESCE(j.output, '{}'::jsonb) || '{"interrupted": true}'::jsonb
          ELSE j.output END
      WHERE (j.name, j.id) IN (
        SELECT a.name, a.id FROM ${table} a
        WHERE a.name IN ('${ENTRIES}', '${PARKED}') AND a.state < 'active' AND NOT ${isOwn('a')}
        LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
      RETURNING j.id`,

    /** Makes the parked entry `$1` pending again, behind what waits. */
    resend: `
      WITH clock AS MATERIALIZED (SELECT ${DURABLE}),
      parked AS (
        DELETE FROM ${table} p USING clock WHERE p.name = '${PARKED}' AND p.id = $1::uuid AND ${isOwn('p')}
        RETURNING p.id, p.singleton_key, p.data - 'reason' - 'error' - 'attempts' - 'deliverAt' AS data,
          COALESCE((p.data->>'attempts')::int, 0) AS attempts
      ), again AS (
        UPDATE ${table} j SET state = 'created', data = parked.data, singleton_key = parked.singleton_key, output = NULL,
          start_after = now(), created_on = clock_timestamp(), started_on = NULL, completed_on = NULL,
          retry_count = parked.attempts, deletion_seconds = ${REMEMBERED}
        FROM parked WHERE j.name = '${ENTRIES}' AND j.id = parked.id RETURNING j.id
      ), anew AS (
        INSERT INTO ${table} (id, name, data, singleton_key, created_on, keep_until, retry_limit, retry_count, expire_seconds,
          deletion_seconds, policy)
        SELECT id, '${ENTRIES}', data, singleton_key, clock_timestamp(), now() + interval '${FOREVER} seconds', ${INT_MAX},
          attempts, ${INT_MAX}, ${REMEMBERED}, '${POLICY}'
        FROM parked WHERE NOT EXISTS (SELECT FROM ${table} e WHERE e.name = '${ENTRIES}' AND e.id = parked.id)
        ON CONFLICT DO NOTHING RETURNING id
      )
      SELECT id FROM again UNION ALL SELECT id FROM anew`,

    /** Removes the entry `$1` if it is parked, or waits and cannot have been counted. */
    discard: `
      WITH clock AS MATERIALIZED (SELECT ${DURABLE}),
      parked AS (
        DELETE FROM ${table} p USING clock WHERE p.name = '${PARKED}' AND p.id = $1::uuid AND ${isOwn('p')} RETURNING p.id
      ), remembered AS (
        UPDATE ${table} j SET deletion_seconds = ${REMEMBERED}, completed_on = now()
        FROM parked WHERE j.name = '${ENTRIES}' AND j.id = parked.id
      ), waiting AS (
        UPDATE ${table} j SET state = 'completed', ${FORGET} FROM clock
        WHERE j.name = '${ENTRIES}' AND j.id = $1::uuid AND j.state < 'active' AND ${isOwn('j')}
          AND NOT ${MAY_BE_COUNTED('j')}
        RETURNING j.id
      )
      SELECT id FROM parked UNION ALL SELECT id FROM waiting`,

    /** Removes what is stored about a customer. Of an entry that is being sent, the rest goes when it is settled. */
    erase: `
      WITH clock AS MATERIALIZED (SELECT ${DURABLE}),
      parked AS (
        DELETE FROM ${table} p USING clock WHERE p.name = '${PARKED}' AND ${isCustomer('p', '$1')} RETURNING p.id
      ), remembered AS (
        UPDATE ${table} j SET deletion_seconds = ${REMEMBERED}, completed_on = now()
        FROM parked WHERE j.name = '${ENTRIES}' AND j.id = parked.id
      ), waiting AS (
        UPDATE ${table} j SET
          state = (CASE WHEN j.state < 'active' THEN 'completed' ELSE j.state::text END)::"${schema}".job_state,
          data = NULL, output = NULL, singleton_key = j.id::text,
          completed_on = CASE WHEN j.state < 'active' THEN now() END
        FROM clock WHERE j.name = '${ENTRIES}' AND j.state <= 'active' AND ${isCustomer('j', '$1')}
        RETURNING j.id
      )
      SELECT ((SELECT count(*) FROM parked) + (SELECT count(*) FROM waiting))::int AS count`,

    stats: `
      SELECT count(*) FILTER (WHERE own AND name = '${ENTRIES}' AND state < 'active' AND NOT held)::int AS pending,
        count(*) FILTER (WHERE own AND held)::int AS held,
        count(*) FILTER (WHERE own AND state = 'active')::int AS sending,
        count(*) FILTER (WHERE own AND name = '${PARKED}')::int AS parked,
        count(*) FILTER (WHERE NOT own)::int AS foreign,
        min(created_on) FILTER (WHERE own AND name = '${ENTRIES}' AND NOT held) AS oldest
      FROM (
        SELECT j.name, j.state, j.created_on, ${isOwn('j')} AS own, j.name = '${ENTRIES}' AND ${IS_HELD('j')} AS held
        FROM ${table} j WHERE j.name IN ('${ENTRIES}', '${PARKED}') AND j.state <= 'active'
      ) AS entry`,

    /** How many entries are of other identities. */
    foreign: `
      SELECT count(*)::int AS count FROM ${table} j
      WHERE j.name IN ('${ENTRIES}', '${PARKED}') AND j.state <= 'active' AND NOT ${isOwn('j')}`,

    /** Whether anything is due or being sent. */
    isBusy: `
      SELECT EXISTS (SELECT FROM ${table} j WHERE j.name = '${ENTRIES}' AND ${isActive('j')} AND ${isOwn('j')})
        OR EXISTS (SELECT FROM ${table} j
          WHERE j.name = '${ENTRIES}' AND ${isWaiting('j')} AND NOT ${IS_HELD('j')} AND ${isOwn('j')}) AS busy`,

    pages: {
      pending: page(table, ENTRIES, `${isWaiting('j')} AND NOT ${IS_HELD('j')} AND ${isOwn('j')}`),
      held: page(table, ENTRIES, `${isWaiting('j')} AND ${IS_HELD('j')} AND ${isOwn('j')}`),
      sending: page(table, ENTRIES, `${isActive('j')} AND j.data IS NOT NULL AND ${isOwn('j')}`),
      parked: page(table, PARKED, `j.state < 'active' AND ${isOwn('j')}`),
    },

    /**
     * Begins a pause of `$1` milliseconds for all machines, or makes the one there is longer. `$2`: how often it failed. `$3`:
     * whether an entry may be the probe.
     */
    pause: `
      WITH longer AS (
        UPDATE ${table} j SET start_after = GREATEST(j.start_after, now() + $1::float8 * interval '1 millisecond')
        WHERE j.name = '${PAUSE}' AND j.singleton_key = ${own} AND j.state <= 'active' RETURNING j.id
      )
      INSERT INTO ${table} (name, singleton_key, data, start_after, keep_until, retry_count, expire_seconds, retry_limit, policy)
      SELECT '${PAUSE}', ${own}, jsonb_build_object('byEntry', $3::boolean), now() + $1::float8 * interval '1 millisecond',
        now() + interval '${FOREVER} seconds', $2::int, ${INT_MAX}, ${INT_MAX}, 'exclusive'
      WHERE NOT EXISTS (SELECT FROM longer)
      ON CONFLICT DO NOTHING RETURNING id`,

    /** The pause that all machines share: how many milliseconds it lasts, and how often it failed. */
    paused: `
      SELECT GREATEST(0, extract(epoch FROM p.start_after - clock_timestamp()) * 1000)::float8 AS wait,
        p.retry_count AS openings, COALESCE((p.data->>'byEntry')::boolean, false) AS "byEntry"
      FROM ${table} p WHERE p.name = '${PAUSE}' AND p.singleton_key = ${own} AND p.state <= 'active'`,

    /** Takes the right to probe, if the pause is over and no living process has it. */
    probe: `
      UPDATE ${table} j SET state = 'active', started_on = now()
      WHERE j.name = '${PAUSE}' AND j.singleton_key = ${own}
        AND (j.state < 'active' AND j.start_after <= now()
          OR j.state = 'active' AND j.started_on < now() - interval '${LEASE} seconds')
      RETURNING j.id`,

    /** The probe failed: everybody waits for `$1` more milliseconds. `$2`: whether an entry may be the next probe. */
    prolong: `
      UPDATE ${table} j SET state = 'retry', retry_count = j.retry_count + 1,
        start_after = now() + $1::float8 * interval '1 millisecond', data = jsonb_build_object('byEntry', $2::boolean)
      WHERE j.name = '${PAUSE}' AND j.singleton_key = ${own} AND j.state <= 'active' RETURNING j.id`,

    /** Ends the pause. An operator ends those of all identities. */
    unpause: `
      DELETE FROM ${table} j WHERE j.name = '${PAUSE}' AND j.state <= 'active'
        ${identity === undefined ? '' : `AND j.singleton_key = ${own}`} RETURNING j.id`,
  };
}
