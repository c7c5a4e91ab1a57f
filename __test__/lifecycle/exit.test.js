'use strict';

// In flight keeps the process alive, idle does not, and leaving in the middle of hundreds of calls is no crash.

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const { isFetch, nativeOnly } = require('../support/engine.js');
const { startCountingServer } = require('../support/counting-server.js');
const faults = require('../support/fault-behaviours.js');
const { HANG } = require('../support/fault-table.js');
const { startFaultServer } = require('../support/fault-server.js');
const { runNode, startNode } = require('../support/run-node.js');
const { trustedAuthority } = require('../support/tls-certificates.js');

/**
 * Servers over each protocol that answer after half a second, and one that never does.
 * @type {Record<string, { url: string, close: () => Promise<unknown> }>}
 */
const servers = {};
/** @type {string} */
let ca;

before(async () => {
  ({ ca } = await trustedAuthority());
  for (const protocol of /** @type {const} */ (['http', 'https', 'h2']))
    servers[protocol] = await startCountingServer(protocol, { delay: 500 });
  servers.quick = await startCountingServer('http');
  servers.silent = await startFaultServer([], { otherwise: faults.stall() });
});
after(() => Promise.all(Object.values(servers).map((server) => server.close())));

const options = (more = {}) => ({ ca, timeout: 120_000, ...more });
/**
 * Ends of the process that are its own decision, with the exit code they have.
 * @type {[how: string, expected: number | string][]}
 */
const ways = [
  ['process.exit', 7],
  ['process.exit in a result', 7],
  ['process.exit in an exit handler', 7],
  ['call in an exit handler', 7],
  ['uncaught throw', 1],
  ['throw in a result', 1],
  ['unhandled rejection', 1],
  ['SIGTERM', 'SIGTERM'],
];

describe('leaving with hundreds of calls in flight', { concurrency: 2 }, () => {
  for (const [how, expected] of ways) {
    it(how, HANG, async () => {
      const urls = ['http', 'https', 'h2', 'quick', 'silent'].map((name) => servers[name].url);
      const { code, signal, hung, stderr } = await runNode('exit-in-flight.js', {
        urls,
        calls: 600,
        how,
        options: options(),
      });
      assert.ok(!hung, 'it hung');
      assert.equal(signal ?? code, expected, stderr);
      assert.doesNotMatch(stderr, /panicked|FATAL|Segmentation|core dumped/i);
    });
  }

  it('ends by itself once all have settled', HANG, async () => {
    const urls = (isFetch ? ['http', 'https'] : ['http', 'https', 'h2']).map((name) => servers[name].url);
    const { code, stdout, stderr } = await runNode('exit-in-flight.js', {
      urls,
      calls: 600,
      how: 'nothing more to do',
      options: options(),
    });
    assert.equal(code, 0, stderr);
    assert.equal(stdout, 'all settled\n');
  });
});

describe('what keeps the process alive', { concurrency: 2 }, () => {
  it('a call in flight does', HANG, async () => {
    const { code, stdout } = await runNode('one-call.js', { url: servers.http.url });
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).value.eventName, 'Sign up');
  });

  it('a call in backoff does', HANG, async (t) => {
    const server = await startFaultServer([faults.respond(429, '', { 'Retry-After': '1' })]);
    t.after(() => server.close());
    const { code, stdout } = await runNode('one-call.js', { url: server.url });
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).value.eventName, 'Sign up');
  });

  it('a call in flight does until it settles, however long that takes', HANG, async (t) => {
    const server = await startFaultServer([], { otherwise: faults.stall() });
    t.after(() => server.close());
    const { child, finished } = startNode('one-call.js', {
      url: server.url,
      options: { timeout: 600_000, maxRetries: 0 },
    });
    await server.seen(1);
    let ended = false;
    finished.then(() => {
      ended = true;
    });
    // The process has done everything else by now; only the call can hold it.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.equal(ended, false);
    child.kill('SIGKILL');
    await finished;
  });

  // Servers here keep idle connections for a minute: whoever waits for that is killed by the guard first.
  for (const [what, output, name] of [
    ['require the package', '', 'quick'],
    ['construct a client', '', 'quick'],
    ['make one call', 'settled\n', 'quick'],
    ['make one call', 'settled\n', 'https'],
    ['make one call', 'settled\n', 'h2'],
    ['make calls one after the other', 'settled\n', 'quick'],
    ['abort a call', 'ABORTED\n', 'silent'],
    ['close with calls in flight', 'settled\n', 'https'],
    ['handle refused input', 'VALIDATION_ERROR\n', 'quick'],
  ]) {
    const skip = name === 'h2' && nativeOnly('http2');
    it(`idle does not: ${what} (${name})`, { ...HANG, skip }, async () => {
      const { code, hung, stdout, stderr } = await runNode(
        'idle.js',
        { url: servers[name].url, options: options(), what },
        { hangAfter: 20_000 },
      );
      assert.ok(!hung, 'it kept the process alive');
      assert.equal(code, 0, stderr);
      assert.equal(stdout, output);
    });
  }
});
