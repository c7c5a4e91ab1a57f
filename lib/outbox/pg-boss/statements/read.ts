import { ENTRIES, type Fragments, IS_HELD, PARKED } from './shared.ts';

/** Oldest first, a page after the last job of the page before. `$1` and `$2` say which that was; `$3` is an id, or null. */
const page = (table: string, queue: string, condition: string): string => `
  SELECT j.id, j.state::text, j.data, j.output, j.retry_count AS attempts, ${IS_HELD('j')} AS held,
         to_char(j.created_on AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS position
  FROM ${table} j
  WHERE j.name = '${queue}' AND ${condition} AND ($3::uuid IS NULL OR j.id = $3::uuid)
    AND (j.created_on, j.id) > ($1::timestamptz, $2::uuid)
  ORDER BY j.created_on, j.id LIMIT 100`;

export function readStatements({ table, isOwn, isActive, isWaiting }: Fragments) {
  return {
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
  };
}
