'use strict';

const { proxyVariables } = require('../host.js');
const { native } = require('../native.js');
const { platformName } = require('../platform.js');

/**
 * What can be told without the network.
 * @module
 */

/** @typedef {import('./run.js').Finding} Finding */

const DEFAULT_BASE_URL = 'https://app.refport.co';
const OLDEST_NODE = 20;

/** @returns {Finding} */
function binary() {
  const { version } = require('../../package.json');
  const detail = `refport ${version}, native, ${platformName()}`;
  try {
    native();
    return { name: 'binary', ok: true, detail };
  } catch (error) {
    return { name: 'binary', ok: false, detail, remedy: error instanceof Error ? error.message : String(error) };
  }
}

/** @returns {Finding} */
function node() {
  const ok = Number(process.versions.node.split('.')[0]) >= OLDEST_NODE;
  const remedy = ok ? undefined : `Node.js ${OLDEST_NODE} or newer is needed.`;
  return { name: 'node', ok, detail: `${process.version} ${process.platform} ${process.arch}`, remedy };
}

/** Only where it comes from: no part of a key is printed. @returns {Finding} */
function key() {
  const value = process.env.REFPORT_API_KEY;
  if (!value) {
    const remedy = 'Set REFPORT_API_KEY to the secret API key of your workspace.';
    return { name: 'key', ok: false, detail: value === '' ? 'REFPORT_API_KEY is empty' : 'not set', remedy };
  }
  // What a header can hold, as for the client.
  if (!/^[\x21-\x7e]+$/.test(value)) {
    const remedy = 'Copy it again: spaces, line breaks or quotes around it are not part of a key.';
    return { name: 'key', ok: false, detail: 'REFPORT_API_KEY has characters that no key has', remedy };
  }
  return { name: 'key', ok: true, detail: 'from REFPORT_API_KEY' };
}

/** @returns {{ finding: Finding, url: URL | undefined }} */
function baseUrl() {
  const value = process.env.REFPORT_BASE_URL;
  const origin = value ? 'from REFPORT_BASE_URL' : 'the default';
  const url = parse(value || DEFAULT_BASE_URL);
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password) {
    const detail = `${url.origin}${url.pathname.replace(/\/+$/, '')}, ${origin}`;
    return { finding: { name: 'base URL', ok: true, detail }, url };
  }
  const remedy = `Set it to an http: or https: URL without credentials, or unset it for ${DEFAULT_BASE_URL}.`;
  return {
    finding: { name: 'base URL', ok: false, detail: `REFPORT_BASE_URL is no base URL`, remedy },
    url: undefined,
  };
}

/** @param {string} text */
function parse(text) {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/**
 * @param {URL} url
 * @returns {{ finding: Finding, proxied: boolean }}
 */
function proxy(url) {
  const variables = proxyVariables();
  const value = url.protocol === 'https:' ? variables?.httpsProxy : variables?.httpProxy;
  if (!value) {
    const detail = variables ? 'none in the environment' : 'none; proxy variables are not heeded (NODE_USE_ENV_PROXY)';
    return { finding: { name: 'proxy', ok: true, detail }, proxied: false };
  }
  const exceptions = variables?.noProxy ? `, except for ${variables.noProxy}` : '';
  const detail = `${parse(value)?.host ?? 'not a URL'}, from the environment${exceptions}`;
  return { finding: { name: 'proxy', ok: parse(value) !== undefined, detail }, proxied: true };
}

module.exports = { baseUrl, binary, key, node, proxy };
