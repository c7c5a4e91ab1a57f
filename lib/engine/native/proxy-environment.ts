/** Finds the proxy for a URL in the variables of the environment, if Node obeys them. */

import { builtin, usesEnvProxy } from '#platform';

interface ProxyVariables {
  httpProxy: string | undefined;
  httpsProxy: string | undefined;
  noProxy: string | undefined;
}

/** The proxy variables, if this process obeys them. */
export function proxyVariables(): ProxyVariables | undefined {
  if (!usesEnvProxy()) return undefined;
  const { env } = process;
  return {
    httpProxy: env.http_proxy ?? env.HTTP_PROXY,
    httpsProxy: env.https_proxy ?? env.HTTPS_PROXY,
    noProxy: env.no_proxy ?? env.NO_PROXY,
  };
}

/** The proxy for a base URL, as the environment has it. */
export function proxyFor(baseUrl: string): string | undefined {
  const variables = proxyVariables();
  if (variables === undefined || !URL.canParse(baseUrl)) return undefined;
  const url = new URL(baseUrl);
  const proxy = (url.protocol === 'https:' ? variables.httpsProxy : variables.httpProxy)?.trim();
  return proxy && !isExcluded(variables.noProxy ?? '', url) ? proxy : undefined;
}

/** Removes the brackets of an IPv6 address. */
export const withoutBrackets = (host: string): string => host.replace(/^\[|\]$/g, '');

/**
 * Node's rules for `NO_PROXY`: a comma- or space-separated list of `*`, `host`, `.suffix`, `*.suffix`, each with an
 * optional `:port`, and IPv4 ranges `a.b.c.d-e.f.g.h`.
 */
export function isExcluded(list: string, url: URL): boolean {
  const host = withoutBrackets(url.hostname);
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const entries = list.toLowerCase().split(/[,\s]+/);
  return entries.some((entry) => entry === '*' || isInRange(entry, host) || matches(entry, host, port));
}

function isInRange(entry: string, host: string): boolean {
  const { BlockList, isIPv4 } = builtin('node:net');
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

function matches(entry: string, host: string, port: string): boolean {
  if (builtin('node:net').isIPv6(entry)) return entry === host;
  const [, name = '', entryPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (entryPort !== undefined && entryPort !== port) return false;
  const suffix = /^\*?\.(.+)$/.exec(name)?.[1];
  return suffix === undefined ? withoutBrackets(name) === host : host === suffix || host.endsWith(`.${suffix}`);
}
