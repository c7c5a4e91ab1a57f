import { warnOnce } from '../../client/warn.ts';
import type { Durability } from './connection.ts';

/** The settings of a server that decide whether it keeps what it has acknowledged. */
interface ServerSettings {
  readonly appendOnly: boolean;
  readonly replicas: number;
  readonly evicts: boolean;
}

const CODE = 'REFPORT_OUTBOX_DURABILITY';

/** Reads the answer of `INFO`; undefined where the server does not tell. */
export function readServerSettings(info: string): ServerSettings | undefined {
  const fields = new Map(info.split(/\r?\n/).map((line) => line.split(':', 2) as [string, string]));
  const appendOnly = fields.get('aof_enabled');
  if (appendOnly === undefined) return undefined;
  const policy = fields.get('maxmemory_policy') ?? 'noeviction';
  return {
    appendOnly: appendOnly === '1',
    replicas: Number(fields.get('connected_slaves') ?? 0),
    // Keys without an expiry are evicted by these alone.
    evicts: policy.startsWith('allkeys'),
  };
}

/** Warns, once for each reason, where the server's settings cannot keep the outbox's promise. */
export function warnOfSettings(settings: ServerSettings, { replicas }: Durability): void {
  if (!settings.appendOnly) {
    warnOnce(
      'The Redis of the outbox has no append-only file (appendonly no): after a crash it steps back to its last snapshot. ' +
        'Conversions recorded since then are lost, and leads delivered since then are sent and counted twice. Set appendonly yes.',
      CODE,
    );
  }
  if (settings.replicas > 0 && replicas === 0) {
    warnOnce(
      'The Redis of the outbox replicates asynchronously: after a failover to a replica that lags, conversions can be lost, ' +
        'and leads counted twice. Pass waitFor: { replicas: 1 } to have the outbox wait for a replica.',
      CODE,
    );
  }
  if (settings.evicts) {
    warnOnce(
      'The Redis of the outbox may evict any key (maxmemory-policy allkeys-…): conversions can be lost. Set it to noeviction.',
      CODE,
    );
  }
}
