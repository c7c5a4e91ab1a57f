'use strict';

// The soak's servers, in a process of their own so that their memory is not taken for the client's: the fault server
// over HTTP and HTTPS, and a healthy one over HTTP/2. Prints where they are, and ends with its standard input.

const { startCountingServer } = require('../counting-server.js');
const { ok } = require('../fault-behaviours.js');
const { startFaultServer } = require('../fault-server.js');
const { soakFaults } = require('../soak-faults.js');
const { createAuthority, trustedAuthority } = require('../tls-certificates.js');

const healthy = ok();
/** @type {(request?: import('../fault-server.js').SeenRequest) => import('../fault-behaviours.js').Fault} */
const otherwise = (request) => soakFaults[String(request?.headers['x-fault'])]?.fault ?? healthy;

async function main() {
  const authority = await trustedAuthority();
  const plain = await startFaultServer([], { otherwise, remember: false });
  const secure = await startFaultServer([], { otherwise, remember: false, tls: await authority.usual() });
  const untrusted = await startFaultServer([], {
    remember: false,
    tls: await (await createAuthority('Somebody else')).usual(),
  });
  const h2 = await startCountingServer('h2');
  const urls = { plain: plain.url, secure: secure.url, untrusted: untrusted.url, h2: h2.url };
  console.log(JSON.stringify({ urls, ca: authority.ca }));
  process.stdin.resume().on('end', () => process.exit());
}

main();
