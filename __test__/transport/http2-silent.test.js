'use strict';

// A connection on which a request has just timed out takes no new streams: whatever keeps it silent would swallow the next
// attempt too.

const assert = require('node:assert/strict');
const { it } = require('node:test');
const { callKinds } = require('../support/call-kinds.js');
const { okH2, startH2FaultServer } = require('../support/fault-server-h2.js');
const { HANG } = require('../support/fault-table.js');
const { clientFor } = require('../support/refport-client.js');
const { trustedAuthority } = require('../support/tls-certificates.js');

const sale = callKinds.find(({ name }) => name === 'sale with invoiceId') ?? assert.fail('no such call');

it('the retry after a timeout goes out on another connection', HANG, async (t) => {
  const authority = await trustedAuthority();
  const silence = { name: 'silence', onRequest: () => {} };
  const server = await startH2FaultServer([okH2, silence], { certificate: await authority.usual(), path: sale.path });
  t.after(() => server.close());
  const client = clientFor(server, { ca: authority.ca, timeout: 500, maxRetries: 1 });
  await sale.send(client);
  await sale.send(client);
  assert.deepEqual(
    server.requests.map(({ connection }) => connection),
    [1, 1, 2],
  );
});

it('the silent connection is closed as soon as nothing is on it', HANG, async (t) => {
  const authority = await trustedAuthority();
  const silence = { name: 'silence', onRequest: () => {} };
  const server = await startH2FaultServer([okH2, silence], { certificate: await authority.usual(), path: sale.path });
  t.after(() => server.close());
  const client = clientFor(server, { ca: authority.ca, timeout: 300, maxRetries: 0 });
  await sale.send(client);
  await assert.rejects(sale.send(client), { code: 'TIMEOUT' });
  const start = performance.now();
  await server.drained();
  // Idle ones are kept for four seconds.
  assert.ok(performance.now() - start < 2_000);
});
