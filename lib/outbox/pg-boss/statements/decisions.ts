import {
  CLOCK,
  ENTRIES,
  FOREVER,
  FORGET,
  type Fragments,
  INT_MAX,
  LEAVE_ID,
  MAY_BE_COUNTED,
  POLICY,
  REMEMBERED,
} from './shared.ts';

export function decisionStatements({ table, jobState, isOwn, isCustomer, remember, takeParked }: Fragments) {
  return {
    /** Makes the parked entry `$1` pending again, behind what waits. */
    resend: `
      WITH ${CLOCK},
      parked AS (
        ${takeParked(`p.id = $1::uuid AND ${isOwn('p')}`)}
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
      WITH ${CLOCK},
      parked AS (
        ${takeParked(`p.id = $1::uuid AND ${isOwn('p')}`)} RETURNING p.id
      ), remembered AS (${remember('parked')}), waiting AS (
        UPDATE ${table} j SET state = 'completed', ${FORGET} FROM clock
        WHERE j.name = '${ENTRIES}' AND j.id = $1::uuid AND j.state < 'active' AND ${isOwn('j')}
          AND NOT ${MAY_BE_COUNTED('j')}
        RETURNING j.id
      )
      SELECT id FROM parked UNION ALL SELECT id FROM waiting`,

    /** Removes what is stored about a customer. Of an entry that is being sent, the rest goes when it is settled. */
    erase: `
      WITH ${CLOCK},
      parked AS (
        ${takeParked(isCustomer('p', '$1'))} RETURNING p.id
      ), remembered AS (${remember('parked')}), waiting AS (
        UPDATE ${table} j SET
          state = (CASE WHEN j.state < 'active' THEN 'completed' ELSE j.state::text END)::${jobState},
          ${LEAVE_ID},
          completed_on = CASE WHEN j.state < 'active' THEN now() END
        FROM clock WHERE j.name = '${ENTRIES}' AND j.state <= 'active' AND ${isCustomer('j', '$1')}
        RETURNING j.id
      )
      SELECT ((SELECT count(*) FROM parked) + (SELECT count(*) FROM waiting))::int AS count`,
  };
}
