'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { describe, test } = require('node:test');
const { lead, once, openOutbox, refused, startApi } = require('../support/outbox.js');
const { assertError, rejectionOf } = require('../support/refport-client.js');

const PAGE = 4096;
/** Of a page of a table with rows, the first byte (https://sqlite.org/fileformat2.html). */
const TABLE_LEAF = 13;

describe('a file with a damaged page', () => {
  test('is refused by name and left as it is', async (t) => {
    const api = await startApi(t, () => refused(401));
    const first = openOutbox(t, api);
    const ids = Array.from({ length: 500 }, (_, i) => `lead_${i}`);
    await Promise.all(ids.map((id, i) => first.track.lead(lead(`user_${i}`), { id })));
    await first.close();
    const bytes = fs.readFileSync(first.file);
    const leaves = [...Array(bytes.length / PAGE).keys()].filter(
      (page) => page > 0 && bytes[page * PAGE] === TABLE_LEAF,
    );
    const damaged = Number(leaves[Math.floor(leaves.length / 2)]);
    bytes.fill(0xa5, damaged * PAGE, (damaged + 1) * PAGE);
    fs.writeFileSync(first.file, bytes);

    const outbox = openOutbox(t, api, { file: first.file });
    const paused = once(outbox, 'paused');
    /** @param {unknown} error */
    const assertDamaged = (error) =>
      assertError(error, {
        name: 'RefportError',
        code: 'OUTBOX_FAILED',
        status: 0,
        message: /it is damaged.*move it away/,
        causeCode: /^SQLITE_CORRUPT$/,
      });
    assertDamaged((await paused)[0].error);
    assertDamaged(await rejectionOf(outbox.track.lead(lead())));
    assertDamaged(await rejectionOf(outbox.resend('lead_0')));
    await outbox.close();
    assert.ok(fs.readFileSync(first.file).equals(bytes), 'the file was changed');
  });
});
