'use strict';

// The shutdown that docs/deployment.md describes, run as it stands there: a server that reports without waiting is told to
// stop in the middle of it, and every conversion arrives.

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { setTimeout: wait } = require('node:timers/promises');
const { createSandbox } = require('refport/testing');
const { blocks } = require('../support/documentation.js');
const { cleanEnvironment } = require('../support/run-node.js');

const root = path.resolve(__dirname, '../..');
const VISITORS = 200;

/** The one program of the documentation that handles SIGTERM. */
function recipe() {
  const programs = blocks.filter(({ language, code }) => language === 'ts' && code.includes("'SIGTERM'"));
  assert.equal(programs.length, 1);
  return String(programs[0]?.code);
}

/** @param {import('node:test').TestContext} t */
function makeProject(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-sigterm-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  fs.mkdirSync(path.join(folder, 'node_modules'));
  fs.symlinkSync(root, path.join(folder, 'node_modules', 'refport'));
  fs.writeFileSync(path.join(folder, 'server.mjs'), recipe());
  return folder;
}

/** A visitor who was referred, on a connection of their own. @param {string} socketPath */
async function visit(socketPath) {
  const request = http.request({ socketPath, agent: false, headers: { cookie: 'refp_id=click_1' } }).end();
  const [response] = await once(request, 'response');
  response.resume();
  await once(response, 'end');
}

/** @param {string} socketPath */
async function listening(socketPath) {
  while (!fs.existsSync(socketPath)) await wait(10);
}

test('at SIGTERM all conversions arrive that were reported', { timeout: 60_000 }, async (t) => {
  const sandbox = await createSandbox({ clicks: [{ id: 'click_1' }] });
  t.after(() => sandbox.close());
  // More calls than connections: most of them have not been sent when the signal comes.
  sandbox.delay({ on: 'lead', ms: 100, times: Number.POSITIVE_INFINITY });
  const folder = makeProject(t);
  const socketPath = path.join(folder, 'server.sock');
  const env = {
    ...cleanEnvironment(),
    PORT: socketPath,
    REFPORT_API_KEY: sandbox.apiKey,
    REFPORT_BASE_URL: sandbox.url,
  };
  const server = spawn(process.execPath, ['server.mjs'], { cwd: folder, env, stdio: ['ignore', 'inherit', 'pipe'] });
  let stderr = '';
  server.stderr.setEncoding('utf8').on('data', (chunk) => (stderr += chunk));
  const ended = once(server, 'close');
  await listening(socketPath);
  await Promise.all(Array.from({ length: VISITORS }, () => visit(socketPath)));
  const before = sandbox.leads.length;
  server.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null], stderr);
  assert.equal(stderr, '');
  assert.ok(before < VISITORS, 'there was nothing in flight');
  assert.equal(sandbox.leads.length, VISITORS);
});
