'use strict';

// What a process prints, on its own or with Node's debug output, never has the key in it.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { answerTo } = require('../support/call-kinds.js');
const { startRecordingServer } = require('../support/recording-server.js');
const { runNode } = require('../support/run-node.js');

const KEY = 'rk_live_n3v3r_5h0wn';

/**
 * Environment, flags, and what must be in the output to show that the test saw something.
 *
 * @type {Record<string, { env?: Record<string, string>, execArgv?: string[], expected: RegExp[] }>}
 */
const ways = {
  'as it is': { expected: [/RefportAuthError: No/, /Refport \{/] },
  'with NODE_DEBUG=refport': {
    env: { NODE_DEBUG: 'refport' },
    expected: [/REFPORT \d+: .*POST \/api\/track\/sale: status 200/, /status 401/],
  },
  'with all of NODE_DEBUG': { env: { NODE_DEBUG: '*' }, expected: [/REFPORT \d+/] },
  'with traces of warnings': {
    execArgv: ['--trace-warnings', '--trace-uncaught'],
    expected: [/clickId cannot be sent/],
  },
};

describe('what a process prints', () => {
  for (const [name, { env = {}, execArgv = [], expected }] of Object.entries(ways)) {
    it(`${name} does not show the key`, async (t) => {
      const server = await startRecordingServer(({ headers, path }) =>
        headers['x-fail']
          ? { status: 401, body: JSON.stringify({ error: { message: `No: ${headers.authorization}` } }) }
          : { body: answerTo(path) },
      );
      t.after(() => server.close());
      // The program gets the key as an argument, which is not among what NODE_DEBUG shows.
      const { code, stdout, stderr } = await runNode('secrets.js', { url: server.url, apiKey: KEY }, { env, execArgv });
      assert.equal(code, 1, stderr);
      assert.equal(server.requests.length, 2);
      for (const pattern of expected) assert.match(stdout + stderr, pattern);
      assert.ok(!(stdout + stderr).includes(KEY), 'the key was printed');
    });
  }
});
