'use strict';

const host = require('#host');

/**
 * Which proxy leads to a URL, by the variables of the environment, where Node heeds them.
 * @module
 */

/** @typedef {{ [variable in 'httpProxy' | 'httpsProxy' | 'noProxy']: string | undefined }} ProxyVariables */

/**
 * The proxy variables, if this process obeys them.
 * @returns {ProxyVariables | undefined}
 */
function proxyVariables() {
  if (!host.obeysProxyVariables()) return undefined;
  const { env } = process;
  return {
    httpProxy: env.http_proxy ?? env.HTTP_PROXY,
    httpsProxy: env.https_proxy ?? env.HTTPS_PROXY,
    noProxy: env.no_proxy ?? env.NO_PROXY,
  };
}

/**
 * @param {string} baseUrl
 * @returns {string | undefined} the proxy as the environment has it
 */
function proxyFor(baseUrl) {
  // What is none is refused by whoever parses it.
  if (!URL.canParse(baseUrl)) return undefined;
  const url = new URL(baseUrl);
  const variables = proxyVariables();
  const proxy = (url.protocol === 'https:' ? variables?.httpsProxy : variables?.httpProxy)?.trim();
  return proxy && !isExcluded(variables?.noProxy ?? '', url) ? proxy : undefined;
}

/** Loaded where it is used: most processes have no such list. */
const net = () => require('node:net');

/** Without the brackets of an IPv6 address. @param {string} host */
const bare = (host) => host.replace(/^\[|\]$/g, '');

/**
 * Node's rules for `NO_PROXY`: a comma- or space-separated list of `*`, `host`, `.suffix`, `*.suffix`, each with an
 * optional `:port`, and IPv4 ranges `a.b.c.d-e.f.g.h`.
 *
 * @param {string} list
 * @param {URL} url
 */
function isExcluded(list, url) {
  const host = bare(url.hostname);
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const entries = list.toLowerCase().split(/[,\s]+/);
  return entries.some((entry) => entry === '*' || isInRange(entry, host) || isMeant(entry, host, port));
}

/**
 * @param {string} entry
 * @param {string} host
 */
function isInRange(entry, host) {
  const { BlockList, isIPv4 } = net();
  const [from = '', to = '', ...rest] = entry.split('-');
  if (![from, to, host].every(isIPv4) || rest.length > 0) return false;
  const range = new BlockList();
  try {
    range.addRange(from, to);
  } catch {
    // From a higher address to a lower one.
    return false;
  }
  return range.check(host);
}

/**
 * @param {string} entry
 * @param {string} host
 * @param {string} port
 */
function isMeant(entry, host, port) {
  if (net().isIPv6(entry)) return entry === host;
  const [, name = '', entryPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (entryPort !== undefined && entryPort !== port) return false;
  const suffix = /^\*?\.(.+)$/.exec(name)?.[1];
  return suffix === undefined ? bare(name) === host : host === suffix || host.endsWith(`.${suffix}`);
}

module.exports = { bare, isExcluded, proxyFor, proxyVariables };
