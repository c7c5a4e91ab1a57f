import {
  BATCH,
  CLOCK,
  DUE_SINCE,
  ENTRIES,
  FOREVER,
  FORGET,
  type Fragments,
  INTERRUPTED,
  IS_HELD,
  IS_INTERRUPTED,
  PARKED,
} from './shared.ts';

export function upkeepStatements({
  table,
  jobState,
  own,
  customerOf,
  isOwn,
  isActive,
  isWaiting,
  isDead,
  insertParked,
  remember,
}: Fragments) {
  return {
    /** Gives back the entries of processes that have died. Of any identity: it changes nothing about whose they are. */
    interrupt: `
      UPDATE ${table} j SET state = 'retry', start_after = now(),
        output = ${INTERRUPTED('j')}
      WHERE j.name = '${ENTRIES}' AND ${isActive('j')} AND ${isDead('j')}
        AND j.data IS NOT NULL
      RETURNING j.id`,

    /** Ends the entries of dead processes that were erased while they were sent. */
    forgetErased: `
      UPDATE ${table} j SET state = 'completed', ${FORGET}
      WHERE j.name = '${ENTRIES}' AND ${isActive('j')} AND ${isDead('j')}
        AND j.data IS NULL
      RETURNING j.id`,

    /** Parks a batch of entries that are older than `$1` seconds, unless they may have been counted. */
    expire: `
      WITH ${CLOCK},
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
      ), parked AS (${insertParked('parked', 'gone')}
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
      ), remembered AS (${remember('dropped')})
      SELECT id FROM dropped`,

    /** Takes over a batch of the entries of other identities that nobody is sending. */
    adopt: `
      UPDATE ${table} j SET singleton_key = ${own} || ${customerOf('j')},
        state = (CASE j.state WHEN 'retry' THEN 'created' ELSE j.state::text END)::${jobState},
        output = CASE WHEN ${IS_INTERRUPTED('j')} THEN ${INTERRUPTED('j')}
          ELSE j.output END
      WHERE (j.name, j.id) IN (
        SELECT a.name, a.id FROM ${table} a
        WHERE a.name IN ('${ENTRIES}', '${PARKED}') AND a.state < 'active' AND NOT ${isOwn('a')}
        LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
      RETURNING j.id`,

    /** How many entries are of other identities. */
    foreign: `
      SELECT count(*)::int AS count FROM ${table} j
      WHERE j.name IN ('${ENTRIES}', '${PARKED}') AND j.state <= 'active' AND NOT ${isOwn('j')}`,
  };
}
