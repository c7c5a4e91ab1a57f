import { builtin } from '#platform';
import type { OutboxOptions } from '../../../types/outbox.js';
import { RefportValidationError } from '../../client/errors.ts';
import { optionNames } from '../../client/option-names.ts';
import * as check from '../../client/option-values.ts';
import { getEngineClient } from '../../client/registry.ts';
import type { EngineClient } from '../../engine/engine.ts';
import { OutboxBase } from '../outbox-base.ts';
import { COMMON_NAMES, commonOptions, namedOptions, RECORD_NAMES } from '../outbox-options.ts';
import { FileStore } from './file-store.ts';

const names = optionNames('new Outbox()', {
  path: ['file', 'filename', 'filepath', 'database', 'db', 'dir', 'directory'],
  maxEntries: ['limit', 'max', 'maxsize', 'maxitems', 'size'],
  ...COMMON_NAMES,
});
const recordNames = optionNames('a recorded conversion', RECORD_NAMES);

/** The outbox in a file. */
export class Outbox extends OutboxBase<FileStore> {
  constructor(refport: unknown, options: OutboxOptions) {
    const client = engineClient(refport);
    const given = namedOptions(options, names, '{ path: "/var/lib/shop/refport.db" }');
    const { concurrency, maxAge, keepRejected, adopt, retryAmbiguous } = commonOptions(given);
    const settings = {
      // The working directory may change.
      path: builtin('node:path').resolve(check.nonEmptyString('path', given.path)),
      create: true,
      concurrency,
      maxEntries: check.integer('maxEntries', given.maxEntries ?? 100_000, { min: 1, max: 10_000_000 }),
      maxAge,
      keepRejected,
      adopt,
    };
    let store: FileStore | undefined;
    super({ records: true, retryAmbiguous, recordNames }, (events) => {
      store = new FileStore(settings, client, events);
      return store;
    });
    this.on('newListener', (name) => {
      // Also of an outbox that is closed.
      if (name === 'delivered') store?.wantDeliveries();
    });
  }

  async backup(path: string): Promise<void> {
    return this.store.backup(check.nonEmptyString('path', path));
  }
}

function engineClient(refport: unknown): EngineClient | undefined {
  if (refport === null) return undefined;
  const client = getEngineClient(refport);
  if (client !== undefined) return client;
  throw new RefportValidationError(
    'refport must be a client: pass what new Refport() returned as the first argument, or null to record only',
  );
}
