'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const { describe, test } = require('node:test');
const { faultyLibc, noFaultyLibc } = require('../support/faulty-libc.js');
const { startOutbox } = require('../support/outbox-process.js');
const { lead, sale, startWaitingApi, temporaryFolder } = require('../support/outbox.js');

const HANG = { timeout: 60_000, skip: noFaultyLibc };

describe('a disk that fails', () => {
  for (const call of /** @type {const} */ (['write', 'sync'])) {
    test(`(EIO from ${call}) refuses records by name, and all else is delivered once it is back`, HANG, async (t) => {
      const { api, arrived, release } = await startWaitingApi(t, 2);
      const libc = faultyLibc(t);
      const file = path.join(temporaryFolder(t), 'outbox.db');
      const outbox = startOutbox(t, { url: api.url, file }, { env: libc.env });
      outbox.tell('lead', lead('lead'), { id: 'lead' });
      outbox.tell('sale', sale('sale', { invoiceId: 'in_1' }));
      outbox.tell('lead', lead('lead'), { id: 'behind' });
      await outbox.says('sale {');
      await arrived;

      libc.failDisk(call);
      // That these were counted cannot be written now.
      release();
      outbox.tell('sale', sale('refused', { invoiceId: 'in_2' }));
      assert.equal(await outbox.says('sale failed'), 'sale failed OUTBOX_FAILED SQLITE_IOERR');
      await outbox.says('paused OUTBOX_FAILED');
      // The host's own work goes on.
      outbox.tell('sale', {});
      assert.equal(await outbox.says('sale failed VALIDATION_ERROR'), 'sale failed VALIDATION_ERROR undefined');

      libc.failDisk(undefined);
      outbox.tell('drained');
      await outbox.says('drained');
      outbox.tell('lead', lead('afterwards'), { id: 'afterwards' });
      await outbox.says('delivered afterwards');
      await outbox.close();
      const counted = api.bodies().map(({ customerExternalId }) => customerExternalId);
      assert.deepEqual(counted.sort(), ['afterwards', 'lead', 'lead', 'sale']);
      assert.deepEqual(
        outbox.lines.filter((line) => line.startsWith('parked')),
        [],
      );
    });
  }
});
