'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { describe, test } = require('node:test');
const { Refport, RefportError, RefportValidationError } = require('refport');
const { BullOutbox } = require('refport/outbox/bullmq');
const { PgOutbox } = require('refport/outbox/pg-boss');

const root = path.resolve(__dirname, '../..');
const refport = new Refport({ apiKey: 'rk_test' });
const connection = { url: 'redis://127.0.0.1:1' };
const connectionString = 'postgres://127.0.0.1:1/none';

describe('options of the outboxes on queues', () => {
  // What is refused is wrong for the types as well.
  const [Bull, Pg] = /** @type {any[]} */ ([BullOutbox, PgOutbox]);
  /** @type {Array<[message: RegExp, open: () => unknown]>} */
  const refused = [
    [/needs a client/, () => new Bull(undefined, { connection })],
    [/needs a client/, () => new Pg({ track: {} }, { connectionString })],
    [/^options must be an object such as { connection/, () => new Bull(refport, undefined)],
    [/^connection must be options for Redis/, () => new Bull(refport, {})],
    [
      /^redis is not an option of new BullOutbox\(\): did you mean connection\?/,
      () => new Bull(refport, { redis: connection }),
    ],
    [
      /^connection must not have a keyPrefix/,
      () => new Bull(refport, { connection: { ...connection, keyPrefix: 'x:' } }),
    ],
    [/only records: the role 'worker' needs a client/, () => new Bull(null, { connection, role: 'worker' })],
    [/^recordTimeout must be/, () => new Bull(refport, { connection, recordTimeout: 0 })],
    [/^waitFor must be an object/, () => new Bull(refport, { connection, waitFor: 1 })],
    [/^prefix must be/, () => new Bull(refport, { connection, prefix: '' })],
    [/^role must be 'producer', 'worker' or 'both'/, () => new Bull(refport, { connection, role: 'consumer' })],
    [/^concurrency must be a whole number from 1 to 256/, () => new Bull(refport, { connection, concurrency: 0 })],
    [/^maxAge must be a number of milliseconds/, () => new Pg(refport, { connectionString, maxAge: 0 })],
    [/^pass either connectionString .* or db/, () => new Pg(refport, {})],
    [/^db must be a database of pg-boss/, () => new Pg(refport, { db: {} })],
    [/^schema must be/, () => new Pg(refport, { connectionString, schema: 1 })],
  ];
  for (const [message, open] of refused) {
    test(`refuses what does not match ${message}`, () => {
      assert.throws(open, (error) => error instanceof RefportValidationError && message.test(error.message));
    });
  }
});

describe('packages that are not installed', () => {
  for (const [entry, name, install, options, args] of /** @type {[string, string, string, object, string[]][]} */ ([
    ['bullmq', 'BullOutbox', 'bullmq ioredis', { connection }, ['--redis', connection.url]],
    ['pg-boss', 'PgOutbox', 'pg-boss', { connectionString }, ['--postgres', connectionString]],
  ])) {
    const message = `refport/outbox/${entry} needs packages that are not installed: npm install ${install}`;

    test(`refport/outbox/${entry} loads, and its class says what to install`, (t) => {
      const program = `
        const { ${name} } = require('./dist/${entry}.cjs');
        try {
          new ${name}({ track: { lead() {}, sale() {} } }, ${JSON.stringify(options)});
        } catch ({ name, code, message }) {
          console.log(JSON.stringify({ name, code, message }));
        }`;
      const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], { cwd: copy(t), encoding: 'utf8' });
      const error = JSON.parse(stdout || JSON.stringify({ message: stderr }));
      assert.deepEqual(error, { name: RefportError.name, code: 'MISSING_DEPENDENCY', message });
    });

    test(`npx refport outbox ${args[0]} says what to install`, (t) => {
      const command = ['dist/cli.cjs', 'outbox', 'status', ...args];
      const { status, stderr } = spawnSync(process.execPath, command, { cwd: copy(t), encoding: 'utf8' });
      assert.deepEqual([status, stderr], [1, `${message}\n`]);
    });
  }
});

test('a BullMQ of an older layout is named', (t) => {
  const folder = copy(t);
  for (const [name, version] of Object.entries({ bullmq: '4.18.2', ioredis: '5.4.0' })) {
    const place = path.join(folder, 'node_modules', name);
    fs.mkdirSync(place, { recursive: true });
    fs.writeFileSync(path.join(place, 'package.json'), JSON.stringify({ name, version, main: 'index.js' }));
    fs.writeFileSync(path.join(place, 'index.js'), 'exports.Redis = class {};');
  }
  const command = ['dist/cli.cjs', 'outbox', 'status', '--redis', connection.url];
  const { status, stderr } = spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8' });
  const message = 'refport/outbox/bullmq needs bullmq ≥ 5.0, found 4.18.2: npm install bullmq ioredis\n';
  assert.deepEqual([status, stderr], [1, message]);
});

/**
 * A copy outside of the repository, where the packages are.
 * @param {import('node:test').TestContext} t
 */
function copy(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-peers-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  for (const part of ['dist', 'package.json']) {
    fs.cpSync(path.join(root, part), path.join(folder, part), { recursive: true });
  }
  return folder;
}
