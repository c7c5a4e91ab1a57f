'use strict';

const assert = require('node:assert/strict');
const { execFileSync, spawn } = require('node:child_process');
const { describe, test } = require('node:test');
const { lead, once, openOutbox, startApi } = require('../support/outbox.js');

const noSqlite = (() => {
  try {
    execFileSync('sqlite3', ['--version']);
    return false;
  } catch {
    return 'needs sqlite3';
  }
})();

describe('a program that reads the file for long', { skip: noSqlite, timeout: 60_000 }, () => {
  test('makes neither recording nor close() wait', async (t) => {
    const api = await startApi(t);
    const outbox = openOutbox(t, api);
    await outbox.track.lead(lead('first'));
    await outbox.drained();
    const reader = spawn('sqlite3', [outbox.file], { stdio: ['pipe', 'pipe', 'inherit'] });
    t.after(() => reader.kill());
    reader.stdin.write('BEGIN; SELECT count(*) FROM entry;\n');
    await once(reader.stdout, 'data');
    // Longer than the file is idle before it is compacted.
    for (let i = 0; i < 3; i += 1) {
      const start = performance.now();
      await outbox.track.lead(lead(`user_${i}`));
      await outbox.drained();
      assert.ok(performance.now() - start < 2000, `${performance.now() - start} ms`);
      await new Promise((resolve) => setTimeout(resolve, 1200));
    }
    const start = performance.now();
    await outbox.close({ timeout: 1000 });
    assert.ok(performance.now() - start < 3000, `${performance.now() - start} ms`);
  });
});
