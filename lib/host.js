'use strict';

/**
 * What the Node process was told about trust and proxies. The native side does what Node would do, so it has to know.
 * @module
 */

/** @typedef {{ extraCaFile: string | undefined, systemCa: boolean, opensslCa: boolean, acceptAny: boolean }} HostTrust */
/** @typedef {{ [variable in 'httpProxy' | 'httpsProxy' | 'noProxy']: string | undefined }} ProxyVariables */

/** Warnings that were given. @type {Set<string>} */
const given = new Set();

/**
 * Whether a command-line flag of Node is set, on the command line or in NODE_OPTIONS; the last one counts.
 * @param {string} flag without dashes
 * @returns {boolean | undefined}
 */
function nodeFlag(flag) {
  const args = [...(process.env.NODE_OPTIONS ?? '').split(/\s+/), ...process.execArgv];
  const last = args.findLast((arg) => arg === `--${flag}` || arg === `--no-${flag}`);
  return last === undefined ? undefined : last === `--${flag}`;
}

/** @returns {HostTrust} */
function hostTrust() {
  const { env } = process;
  const acceptAny = env.NODE_TLS_REJECT_UNAUTHORIZED === '0';
  return {
    extraCaFile: env.NODE_EXTRA_CA_CERTS || undefined,
    systemCa: nodeFlag('use-system-ca') ?? env.NODE_USE_SYSTEM_CA === '1',
    opensslCa: nodeFlag('use-openssl-ca') ?? false,
    acceptAny,
  };
}

/**
 * A process warning, given once however often there is a reason for it.
 * @param {string} message
 * @param {string} code
 */
function warnOnce(message, code) {
  if (given.has(message)) return;
  given.add(message);
  process.emitWarning(message, { code });
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

/**
 * The proxy variables, if this process obeys them. Node reads them only when asked to.
 * @returns {ProxyVariables | undefined}
 */
function proxyVariables() {
  const { env } = process;
  if (!(nodeFlag('use-env-proxy') ?? env.NODE_USE_ENV_PROXY === '1')) return undefined;
  return {
    httpProxy: env.http_proxy ?? env.HTTP_PROXY,
    httpsProxy: env.https_proxy ?? env.HTTPS_PROXY,
    noProxy: env.no_proxy ?? env.NO_PROXY,
  };
}

/** The runtime's name and version, for the user agent. */
function runtime() {
  const { versions } = process;
  const name = versions.bun ? 'bun' : versions.deno ? 'deno' : 'node';
  return `${name}/${versions[name]} (${process.platform}; ${process.arch})`;
}

module.exports = { hostTrust, proxyVariables, runtime, warnIfUnverified, warnOnce };
