'use strict';

// The programs of docs/delivery.md for Redis and Postgres.

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const { promisify } = require('node:util');
const { startApi } = require('../support/outbox-conformance/setting.js');
const { stores } = require('../support/stores/stores.js');

const run = promisify(execFile);
const page = fs.readFileSync(path.join(__dirname, '../../docs/delivery.md'), 'utf8');

describe('docs/delivery.md', () => {
  for (const { name, start } of stores) {
    test(`the program with ${name} reports its sale`, async (t) => {
      const programs = [...page.matchAll(/```js\n(.*?)```/gs)].map(([, program = '']) => program);
      const program = programs.find((text) => text.includes(`new ${name}(`)) ?? '';
      const api = await startApi(t);
      const server = await start();
      t.after(() => server.stop());
      const env = {
        ...process.env,
        REFPORT_API_KEY: 'rk_test',
        REFPORT_BASE_URL: api.url,
        REDIS_URL: server.url,
        DATABASE_URL: server.url,
      };
      await run(process.execPath, ['--input-type=module', '--eval', program], { env, cwd: __dirname, timeout: 60_000 });
      assert.equal(api.requests.length, 1);
      assert.equal(api.bodies()[0].amount, 4900);
    });
  }
});
