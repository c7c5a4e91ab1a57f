import { CLOCK, DUE_SINCE, ENTRIES, FOREVER, type Fragments, POLICY, REMEMBERED } from './shared.ts';

/**
 * Postgres walks along the index of waiting jobs, however few of them its statistics expect: they are of a time when the queue
 * was empty, or there are none. Lasts as long as the statements of one text.
 */
const WALK =
  'SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off; SET LOCAL jit = off;';

/** Options of `take`. */
interface TakeOptions {
  readonly count: number;
  readonly candidates: number;
  /** Also while there is a pause. */
  readonly isProbe: boolean;
  /** Milliseconds. */
  readonly maxAge: number;
}

export function takeStatements({ table, jobState, order, isOwn, by, isWaiting, isPause, insertParked }: Fragments) {
  return {
    /**
     * Takes up to `count` entries, of the first `candidates` that are due: the oldest one of each customer, unless another one
     * of the customer is being sent or waits to be repeated.
     *
     * A job that this returns was updated from waiting to active by this statement, and is nobody else's; `attempt` names the
     * taking, and everything that is done to it later has no effect if it was taken again. Several statements in one text,
     * which is one transaction.
     */
    take: ({ count, candidates, isProbe, maxAge }: TakeOptions): string => `${WALK}
      WITH ${CLOCK},
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
            SELECT FROM ${table} p WHERE ${isPause('p')}))
        ORDER BY ${by('n')} LIMIT ${count} FOR UPDATE OF n SKIP LOCKED
      )
      UPDATE ${table} j SET state = 'active', started_on = now(), retry_count = j.retry_count + 1
      FROM next, clock WHERE j.name = '${ENTRIES}' AND j.id = next.id
      RETURNING j.id, j.data, j.output, j.retry_count AS attempt, next.was::text AS was,
        (next.was = 'retry' AND j.output->>'waits' IS NULL OR j.output->>'interrupted' IS NOT NULL) AS interrupted,
        ${DUE_SINCE('j')} < now() - ${maxAge} * interval '1 millisecond' AS expired`,

    /** This process is alive. `$1`: JSON text of `[{ id, attempt }]`. Returns the ids that are still its own. */
    confirm: `
      UPDATE ${table} j SET started_on = now()
      FROM json_to_recordset($1::text::json) AS i(id uuid, attempt int)
      WHERE j.name = '${ENTRIES}' AND j.id = i.id AND j.state = 'active' AND j.retry_count = i.attempt
      RETURNING j.id`,

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
      WITH ${CLOCK},
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
          state = (CASE b.kind WHEN 'retry' THEN 'retry' WHEN 'release' THEN b.was ELSE 'completed' END)::${jobState},
          start_after = CASE b.kind WHEN 'retry' THEN now() + b.wait * interval '1 millisecond' ELSE j.start_after END,
          retry_count = CASE b.kind WHEN 'release' THEN j.retry_count - 1 ELSE j.retry_count END,
          output = CASE b.kind WHEN 'retry' THEN b.output WHEN 'release' THEN j.output END,
          data = CASE WHEN b.kind IN ('retry', 'release') THEN j.data END,
          singleton_key = CASE WHEN b.kind IN ('retry', 'release') THEN j.singleton_key ELSE j.id::text END,
          completed_on = CASE WHEN b.kind IN ('retry', 'release') THEN NULL ELSE now() END,
          deletion_seconds = CASE b.kind WHEN 'park' THEN ${FOREVER} ELSE ${REMEMBERED} END
        FROM before b WHERE j.name = '${ENTRIES}' AND j.id = b.id AND j.state = 'active' AND j.retry_count = b.attempt
        RETURNING j.id, b.kind, b.data, b.singleton_key AS customer, b.erased
      ), parked AS (${insertParked('data', "settled WHERE kind = 'park'")}
      )
      SELECT id FROM settled WHERE NOT erased`,
  };
}
