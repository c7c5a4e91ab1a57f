'use strict';

// Workers come and go with calls in flight; the process has one I/O thread for all of them, and survives.

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const { startCountingServer } = require('../support/counting-server.js');
const faults = require('../support/fault-behaviours.js');
const { HANG } = require('../support/fault-table.js');
const { startFaultServer } = require('../support/fault-server.js');
const { runNode } = require('../support/run-node.js');
const { trustedAuthority } = require('../support/tls-certificates.js');

/** @type {Record<string, { url: string, close: () => Promise<unknown> }>} */
const servers = {};
/** @type {string} */
let ca;

before(async () => {
  ({ ca } = await trustedAuthority());
  servers.h2 = await startCountingServer('h2', { delay: 20 });
  servers.http = await startCountingServer('http', { delay: 20 });
  servers.quick = await startCountingServer('http');
  servers.silent = await startFaultServer([], { otherwise: faults.stall() });
});
after(() => Promise.all(Object.values(servers).map((server) => server.close())));

const run = async (/** @type {object} */ plan) => {
  const { code, signal, hung, stdout, stderr } = await runNode('workers.js', {
    urls: ['quick', 'http', 'h2', 'silent'].map((name) => servers[name].url),
    options: { ca, timeout: 60_000, maxRetries: 0 },
    rounds: 1,
    workers: 4,
    calls: 300,
    inMainToo: false,
    ...plan,
  });
  assert.ok(!hung, `it hung: ${stderr}`);
  assert.equal(signal, null, stderr);
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /panicked|FATAL/);
  return JSON.parse(stdout);
};

describe('workers with hundreds of calls in flight', { concurrency: 1 }, () => {
  for (const inMainToo of [false, true]) {
    const where = inMainToo ? 'addon loaded in the main thread too' : 'addon loaded in workers only';
    for (const [ending, rounds] of [
      ['terminate', 10],
      ['exit', 5],
      ['throw', 5],
    ]) {
      it(`${ending}, ${rounds} × 4 of them, ${where}`, HANG, async () => {
        const { ioThreads } = await run({ ending, rounds, inMainToo });
        assert.equal(ioThreads, 1);
      });
    }
  }

  it('finish, and every call is answered', HANG, async () => {
    const { fulfilled, ioThreads } = await run({
      ending: 'finish',
      rounds: 3,
      urls: ['quick', 'http', 'h2'].map((name) => servers[name].url),
    });
    assert.equal(fulfilled, 3 * 4 * 300);
    assert.equal(ioThreads, 1);
  });

  it('share the connections of one configuration', HANG, async (t) => {
    const server = await startCountingServer('http', { delay: 5 });
    t.after(() => server.close());
    const { fulfilled } = await run({
      ending: 'finish',
      urls: [server.url],
      workers: 4,
      calls: 250,
      options: { maxConnections: 7, timeout: 60_000 },
    });
    assert.equal(fulfilled, 1000);
    assert.ok(server.connections.opened <= 7, `${server.connections.opened} connections`);
  });
});
