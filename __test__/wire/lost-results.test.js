'use strict';

// Results that JavaScript cannot take (there is no memory for their text, say) are failures of their calls, not silence.

const assert = require('node:assert/strict');
const { it } = require('node:test');
const { callKinds } = require('../support/call-kinds.js');
const { assertError, clientFor, rejectionOf } = require('../support/refport-client.js');
const { startRecordingServer } = require('../support/recording-server.js');

it('results that cannot be read reject their calls, and the next calls are answered', async (t) => {
  const server = await startRecordingServer();
  t.after(() => server.close());
  const client = clientFor(server);
  t.mock.method(JSON, 'parse', () => assert.fail('no memory'), { times: 1 });
  assertError(await rejectionOf(callKinds[0].send(client)), {
    name: 'RefportError',
    code: 'INTERNAL_ERROR',
    status: 0,
    message: /could not be handed to JavaScript/,
  });
  t.mock.restoreAll();
  await Promise.all(callKinds.map((kind) => kind.send(client)));
});
