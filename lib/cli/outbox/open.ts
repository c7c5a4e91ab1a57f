import fs from 'node:fs';
import path from 'node:path';
import { RefportError } from '../../client/errors.ts';
import { Refport } from '../../client/refport.ts';
import { getEngineClient, getIdentity } from '../../client/registry.ts';
import { openBullStore } from '../../outbox/bullmq/outbox.ts';
import type { OperatorStore } from '../../outbox/outbox-base.ts';
import { openPgStore } from '../../outbox/pg-boss/outbox.ts';
import { openFileStore } from '../../outbox/sqlite/file-store.ts';
import type { Place } from '../place.ts';

/** An outbox as an operator works with it: nothing is delivered. */
export async function openStore(place: Place, { creates = false } = {}): Promise<OperatorStore> {
  if ('redis' in place) return openBullStore(place.redis, { prefix: place.prefix, creates });
  if ('postgres' in place) return openPgStore(place.postgres, { schema: place.schema, creates });
  return openFileStore(fileOf(place.path, creates), { create: creates, maxEntries: 10_000_000 });
}

/** An outbox as a process with an API key works with it: the key is that of the environment. */
export async function openAdopter(place: Place): Promise<{ adopt(): Promise<number>; close(): Promise<void> }> {
  const refport = new Refport();
  const identity = getIdentity(refport);
  if ('redis' in place) return openBullStore(place.redis, { prefix: place.prefix, identity });
  if ('postgres' in place) return openPgStore(place.postgres, { schema: place.schema, identity });
  // Nothing expires while it is open.
  const forever = { maxAge: 10 ** 12, keepRejected: 10 ** 12 };
  return openFileStore(fileOf(place.path, false), forever, getEngineClient(refport));
}

function fileOf(file: string, creates: boolean): string {
  if (!creates && !fs.existsSync(file)) throw new RefportError(`There is no file ${file}`, { code: 'OUTBOX_FAILED' });
  return path.resolve(file);
}
