'use strict';

// If Node refuses a part of what the addon asks it for, the call fails, and what Node had given before goes back: nothing
// keeps the process alive or accumulates with every further call.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { describe, it } = require('node:test');
const { noFaultyLibc } = require('../support/faulty-libc.js');
const { temporaryFolder } = require('../support/outbox.js');
const { isFetch } = require('../support/engine.js');
const { runNode } = require('../support/run-node.js');

describe('a way to the addon that cannot be opened', { skip: noFaultyLibc || (isFetch && 'no addon') }, () => {
  const functions = {
    napi_create_threadsafe_function: { after: 0, made: 0 },
    napi_unref_threadsafe_function: { after: 1, made: 3 },
    napi_add_env_cleanup_hook: { after: 0, made: 3 },
  };
  for (const [faulty, { after, made }] of Object.entries(functions)) {
    it(`is given back if ${faulty} fails`, async (t) => {
      const library = path.join(temporaryFolder(t), 'faulty-node-api.so');
      const source = path.join(__dirname, '../support/faulty-node-api.c');
      execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source]);
      const env = { LD_PRELOAD: library, FAULTY_NODE_API: faulty, FAULTY_NODE_API_AFTER: `${after}` };
      const { hung, stdout, stderr } = await runNode(
        'refused-bridge.js',
        { url: 'http://127.0.0.1:1' },
        { env, hangAfter: 10_000 },
      );
      assert.ok(!hung, 'the process is kept alive');
      assert.equal(stderr, '');
      const { codes, ...resources } = JSON.parse(stdout);
      assert.deepEqual(codes, ['INTERNAL_ERROR', 'INTERNAL_ERROR', 'INTERNAL_ERROR']);
      assert.deepEqual(resources, { made, destroyed: made });
    });
  }
});
