'use strict';

const { Refport } = require('../client.js');
const { RefportError } = require('../errors.js');
const { libc, platformName } = require('../engine/platform.js');
const { proxyFor, proxyVariables } = require('../engine/proxy.js');

/**
 * What can be told without the network. The client itself says what is wrong with a setting.
 * @module
 */

/** @typedef {import('./run.js').Finding} Finding */

const DEFAULT_BASE_URL = 'https://app.refport.co';
const OLDEST_NODE = 20;

/** @returns {Finding} */
function engine() {
  const { version } = require('../../package.json');
  const binary = binaryVersion();
  const { name, remedy } = chosenEngine();
  const parts = [`refport ${version}`, name, binary && `binary ${binary}`, platformName(), libc()];
  const detail = parts.filter(Boolean).join(', ');
  if (binary !== undefined && binary !== version) {
    const remedy = `The binary belongs to another version: install again, so that both are of version ${version}.`;
    return { name: 'engine', ok: false, detail, remedy };
  }
  return { name: 'engine', ok: remedy === undefined, detail, remedy };
}

/** @returns {{ name?: string, remedy?: string | undefined }} */
function chosenEngine() {
  try {
    const { name, remedy } = require('#engine').engine();
    return { name, remedy };
  } catch (error) {
    return { remedy: /** @type {Error} */ (error).message };
  }
}

/** Of the package for this platform; a binary that was built here is in none. */
function binaryVersion() {
  try {
    return /** @type {string} */ (require(`@refport/native-${platformName()}/package.json`).version);
  } catch {
    return undefined;
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
  if (!value?.trim()) {
    const remedy =
      'Set REFPORT_API_KEY to the secret API key of your workspace. A .env file is not read by itself: ' +
      'node --env-file=.env node_modules/refport/bin/refport.js doctor';
    const detail = value === undefined ? 'REFPORT_API_KEY is not set' : 'REFPORT_API_KEY is empty';
    return { name: 'key', ok: false, detail, remedy };
  }
  const remedy = wrongSetting('apiKey', { baseUrl: DEFAULT_BASE_URL });
  return { name: 'key', ok: remedy === undefined, detail: 'from REFPORT_API_KEY', remedy };
}

/** @returns {{ finding: Finding, url: URL | undefined }} */
function baseUrl() {
  const value = process.env.REFPORT_BASE_URL || undefined;
  const origin = value ? 'from REFPORT_BASE_URL' : 'the default';
  const wrong = wrongSetting('baseUrl', { apiKey: 'key' });
  const url = parse(value ?? DEFAULT_BASE_URL);
  if (wrong !== undefined || url === undefined) {
    const remedy = `${wrong ?? 'It is not a URL'}; or unset REFPORT_BASE_URL for ${DEFAULT_BASE_URL}.`;
    return { finding: { name: 'base URL', ok: false, detail: origin, remedy }, url: undefined };
  }
  return { finding: { name: 'base URL', ok: true, detail: `${withoutSlash(url)}, ${origin}` }, url };
}

/** @param {URL} url */
const withoutSlash = ({ href }) => href.replace(/\/+$/, '');

/**
 * @param {URL} url
 * @returns {{ finding: Finding, proxy: URL | undefined }}
 */
function proxy(url) {
  const unheeded = whyUnheeded();
  const found = unheeded === undefined ? proxyFor(url.href) : undefined;
  if (found === undefined) {
    const detail = `none${unheeded ?? ' for this URL'}`;
    return { finding: { name: 'proxy', ok: true, detail }, proxy: undefined };
  }
  const variable = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const remedy = wrongSetting('proxy', { apiKey: 'key', baseUrl: url.href });
  const parsed = parse(found);
  if (remedy !== undefined || parsed === undefined) {
    const form = 'Set it to http://[user:password@]host:port.';
    return {
      finding: { name: 'proxy', ok: false, detail: `from ${variable}`, remedy: remedy ?? form },
      proxy: undefined,
    };
  }
  return { finding: { name: 'proxy', ok: true, detail: `${parsed.origin}, from ${variable}` }, proxy: parsed };
}

/** Why proxy variables do not count. */
function whyUnheeded() {
  if (proxyVariables() === undefined) return ': proxy variables count with NODE_USE_ENV_PROXY=1 alone';
  // Unlike the addon, fetch heeds them only in a Node.js that can.
  const canHeed = chosenEngine().name !== 'fetch' || process.allowedNodeEnvironmentFlags.has('--use-env-proxy');
  return canHeed ? undefined : ': the fetch of this Node.js heeds no proxy variables';
}

/** @param {string} text */
const parse = (text) => (URL.canParse(text) ? new URL(text) : undefined);

/**
 * @param {string} option with whose name the client's errors about it begin
 * @param {import('../../index.js').RefportOptions} config what is left out comes from the environment
 * @returns {string | undefined} what is wrong with the option; nothing, as far as it is known, without an engine
 */
function wrongSetting(option, config) {
  try {
    new Refport(config);
  } catch (error) {
    if (error instanceof RefportError && error.message.startsWith(option)) return error.message;
  }
  return undefined;
}

module.exports = { baseUrl, engine, key, node, proxy };
