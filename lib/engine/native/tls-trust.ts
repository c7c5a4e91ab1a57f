/** Node's TLS trust settings, from flags and environment. The addon does its own TLS and must honour them. */

import { warnOnce } from '../../client/warn.ts';
import { nodeFlag } from '../../platform/node.ts';

export function tlsTrust() {
  const { env } = process;
  return {
    extraCaFile: env.NODE_EXTRA_CA_CERTS || undefined,
    systemCa: nodeFlag('use-system-ca') ?? env.NODE_USE_SYSTEM_CA === '1',
    opensslCa: nodeFlag('use-openssl-ca') ?? false,
    acceptAny: env.NODE_TLS_REJECT_UNAUTHORIZED === '0',
  };
}

/** As Node does for its own connections. */
export function warnIfUnverified(): void {
  if (process.env.NODE_TLS_REJECT_UNAUTHORIZED !== '0') return;
  warnOnce(
    'NODE_TLS_REJECT_UNAUTHORIZED is 0: refport does not verify certificates, so anybody on the way to the API can read and ' +
      'change what is reported.',
    'REFPORT_TLS_UNVERIFIED',
  );
}
