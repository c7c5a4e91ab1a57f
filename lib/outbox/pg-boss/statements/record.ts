import { DURABLE, ENTRIES, FOREVER, type Fragments, INT_MAX, POLICY, REMEMBERED } from './shared.ts';

export function recordStatements({ table }: Fragments) {
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
  };
}
