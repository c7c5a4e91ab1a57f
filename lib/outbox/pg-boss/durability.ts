import { warnOnce } from '../../client/warn.ts';
import type { Db } from './boss.js';

/** Settings of the server as this connection has them, and standbys that copy it. */
interface Settings {
  readonly fsync: string;
  readonly pages: string;
  readonly commit: string;
  readonly synchronous: string;
  readonly standbys: number;
}

const QUERY = `
  SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS pages,
    current_setting('synchronous_commit') AS commit, current_setting('synchronous_standby_names') AS synchronous,
    (SELECT count(*)::int FROM pg_stat_replication
      WHERE COALESCE(application_name, '') NOT IN ('pg_basebackup', 'pg_receivewal')) AS standbys`;

/** Warns once where the server's settings allow that it forgets what it has confirmed. */
export async function warnIfNotDurable(db: Db): Promise<void> {
  let settings: Settings;
  try {
    const { rows } = await db.executeSql(QUERY);
    settings = rows[0] as Settings;
  } catch {
    // Databases that speak Postgres' protocol do not have all of these.
    return;
  }
  for (const risk of risksOf(settings)) {
    warnOnce(`${risk} See docs/delivery.md.`, 'REFPORT_OUTBOX_DURABILITY');
  }
}

function* risksOf({ fsync, pages, commit, synchronous, standbys }: Settings): Generator<string> {
  if (fsync === 'off' || pages === 'off') {
    const setting = fsync === 'off' ? 'fsync' : 'full_page_writes';
    yield `The outbox's Postgres has ${setting} = off: after a crash of its machine, conversions can be lost or counted twice.`;
  }
  if (commit === 'off') {
    yield "The outbox's Postgres has synchronous_commit = off: after a crash, what your transactions recorded can be lost " +
      "together with the orders in them. The outbox's own statements are committed with synchronous_commit = on.";
  }
  if (standbys > 0 && synchronous === '') {
    yield "The outbox's Postgres has an asynchronous standby: after a failover to it, the last conversions can be lost, and " +
      'those that were just delivered can be counted twice. Set synchronous_standby_names if you fail over to it.';
  }
}
