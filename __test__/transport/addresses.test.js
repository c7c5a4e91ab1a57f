'use strict';

// Names and addresses of the origin: either IP version, a name that resolves to both, certificates for each.

const assert = require('node:assert/strict');
const os = require('node:os');
const { describe, it } = require('node:test');
const { callKinds } = require('../support/call-kinds.js');
const { HANG, resolved } = require('../support/fault-table.js');
const { startFaultServer } = require('../support/fault-server.js');
const { clientFor } = require('../support/refport-client.js');
const { trustedAuthority } = require('../support/tls-certificates.js');

const hasIPv6 = Object.values(os.networkInterfaces())
  .flat()
  .some((address) => address?.address === '::1');

describe('the origin', { concurrency: true }, () => {
  for (const [name, listen, authority, skip] of /** @type {[string, string, string, boolean][]} */ ([
    ['an IPv4 address', '127.0.0.1', '127.0.0.1', false],
    ['an IPv6 address', '::1', '[::1]', !hasIPv6],
    ['a name that leads to IPv4 alone', '127.0.0.1', 'localhost', false],
  ])) {
    for (const scheme of ['http', 'https']) {
      it(`${name} over ${scheme}`, { ...HANG, skip }, async (t) => {
        const { ca, usual } = await trustedAuthority();
        const server = await startFaultServer([], {
          host: listen,
          ...(scheme === 'https' ? { tls: await usual() } : {}),
        });
        t.after(() => server.close());
        const [kind] = callKinds;
        const client = clientFor({ url: `${scheme}://${authority}:${server.port}` }, { ca });
        assert.deepEqual(await kind.send(client), resolved(kind.path));
        assert.equal(server.requests[0].headers.host, `${authority}:${server.port}`);
      });
    }
  }
});
