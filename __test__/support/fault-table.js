'use strict';

// Runs a table of faults against every kind of call, and holds each cell to the same promises: the right error, and
// no request more than the retry rules allow. The number of requests is the double-count test.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { callKinds, answerTo } = require('./call-kinds.js');
const { assertError, clientFor, rejectionOf } = require('./refport-client.js');

/**
 * @typedef {object} FaultRow
 * @property {string} name
 * @property {'always' | 'if repeatable' | 'never'} retried
 * @property {import('./refport-client.js').ExpectedError} error
 * @property {(kind: import('./call-kinds.js').CallKind) => any} fault
 * @property {object} [options] for the client
 * @property {string | false} [skip] why the engine under test is spared it
 *
 * @typedef {object} RunningServer
 * @property {string} url
 * @property {number} attempts how often the server was tried, whether or not it could read a request
 * @property {number} completed requests that arrived whole
 * @property {() => Promise<void>} close
 */

const CONCURRENCY = 96;
/** Milliseconds an attempt gets where the server lets it run out, and where it must not. */
const SHORT = 3000;
const AMPLE = 30_000;
/** Never a speed test: only says that a call which should have settled long ago did not. */
const HANG = { timeout: 60_000 };

/** @param {string} path */
const resolved = (path) => {
  const answer = JSON.parse(answerTo(path));
  return answer.expires ? { ...answer, expires: new Date(answer.expires) } : answer;
};

/**
 * @param {string} title
 * @param {FaultRow[]} rows
 * @param {(script: any[], kind: import('./call-kinds.js').CallKind, otherwise?: any) => Promise<RunningServer>} start
 *   starts the server that plays `script`, then `otherwise` (healthy when left out)
 * @param {object} [clientOptions]
 */
function describeFaults(title, rows, start, clientOptions = {}, concurrency = CONCURRENCY) {
  describe(title, { concurrency }, () => {
    for (const row of rows) {
      const only = { ...HANG, skip: row.skip ?? false };
      for (const kind of callKinds) {
        const again = row.retried === 'always' || (row.retried === 'if repeatable' && kind.repeatable);
        const options = async () => ({
          timeout: row.error.code === 'TIMEOUT' ? SHORT : AMPLE,
          ...(typeof clientOptions === 'function' ? await clientOptions() : clientOptions),
          ...row.options,
        });

        it(`${row.name}, every time · ${kind.name}: ${again ? 'tried twice' : 'tried once'}`, only, async (t) => {
          const server = await start([], kind, row.fault(kind));
          t.after(() => server.close());
          const client = clientFor(server, await options());
          // With options, as the other test of the pair goes without: neither way may retry more than the other.
          const error = await rejectionOf(kind.send(client, { maxRetries: 1 }));
          assertError(error, row.error);
          assert.equal(error.attempts, again ? 2 : 1);
          assert.equal(server.attempts, error.attempts);
        });

        it(`${row.name}, once · ${kind.name}: ${again ? 'recovers' : 'fails'}`, only, async (t) => {
          const server = await start([row.fault(kind)], kind);
          t.after(() => server.close());
          const client = clientFor(server, await options());
          if (again) {
            assert.deepEqual(await kind.send(client), resolved(kind.path));
            assert.equal(server.attempts, 2);
          } else {
            assertError(await rejectionOf(kind.send(client)), row.error);
            assert.equal(server.attempts, 1);
          }
        });
      }
    }
  });
}

module.exports = { describeFaults, HANG, resolved };
