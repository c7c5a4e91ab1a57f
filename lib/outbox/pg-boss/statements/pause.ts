import { FOREVER, type Fragments, INT_MAX, PAUSE } from './shared.ts';

export function pauseStatements({ table, identity, own, isDead, isPause }: Fragments) {
  return {
    /**
     * Begins a pause of `$1` milliseconds for all machines, or makes the one there is longer. `$2`: how often it failed. `$3`:
     * whether an entry may be the probe.
     */
    pause: `
      WITH longer AS (
        UPDATE ${table} j SET start_after = GREATEST(j.start_after, now() + $1::float8 * interval '1 millisecond')
        WHERE ${isPause('j')} RETURNING j.id
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
      FROM ${table} p WHERE ${isPause('p')}`,

    /** Takes the right to probe, if the pause is over and no living process has it. */
    probe: `
      UPDATE ${table} j SET state = 'active', started_on = now()
      WHERE j.name = '${PAUSE}' AND j.singleton_key = ${own}
        AND (j.state < 'active' AND j.start_after <= now()
          OR j.state = 'active' AND ${isDead('j')})
      RETURNING j.id`,

    /** The probe failed: everybody waits for `$1` more milliseconds. `$2`: whether an entry may be the next probe. */
    prolong: `
      UPDATE ${table} j SET state = 'retry', retry_count = j.retry_count + 1,
        start_after = now() + $1::float8 * interval '1 millisecond', data = jsonb_build_object('byEntry', $2::boolean)
      WHERE ${isPause('j')} RETURNING j.id`,

    /** Ends the pause. An operator ends those of all identities. */
    unpause: `
      DELETE FROM ${table} j WHERE j.name = '${PAUSE}' AND j.state <= 'active'
        ${identity === undefined ? '' : `AND j.singleton_key = ${own}`} RETURNING j.id`,
  };
}
