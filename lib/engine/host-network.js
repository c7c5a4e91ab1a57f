'use strict';

const host = require('../host/node.js');
const { warnOnce } = require('../warn.js');

/**
 * What the Node process was told about trust. The addon does what Node would do, so it has to know.
 * @module
 */

/** @typedef {{ extraCaFile: string | undefined, systemCa: boolean, opensslCa: boolean, acceptAny: boolean }} HostTrust */

/** @returns {HostTrust} */
function hostTrust() {
  const { env } = process;
  const acceptAny = env.NODE_TLS_REJECT_UNAUTHORIZED === '0';
  return {
    extraCaFile: env.NODE_EXTRA_CA_CERTS || undefined,
    systemCa: host.nodeFlag('use-system-ca') ?? env.NODE_USE_SYSTEM_CA === '1',
    opensslCa: host.nodeFlag('use-openssl-ca') ?? false,
    acceptAny,
  };
}

/** As Node does for its own connections. */
function warnIfUnverified() {
  if (process.env.NODE_TLS_REJECT_UNAUTHORIZED !== '0') return;
  warnOnce(
    'NODE_TLS_REJECT_UNAUTHORIZED is 0: refport does not verify certificates, so anybody on the way to the API can read and ' +
      'change what is reported.',
    'REFPORT_TLS_UNVERIFIED',
  );
}

module.exports = { hostTrust, warnIfUnverified };
