'use strict';

const { Operation, PATHS } = require('../operations.js');
const { authorization, codeOf, send } = require('./network.js');

/**
 * Whether what answers is the API, and whether it accepts the key.
 * @module
 */

/**
 * @typedef {import('./run.js').Finding} Finding
 * @typedef {Awaited<ReturnType<typeof send>>} Answer
 */

/**
 * Asks for an embed token for nobody, which can create nothing: who has the right key is told that it is invalid.
 *
 * @param {import('./network.js').Socket} socket
 * @param {URL} url the base URL
 * @param {URL | undefined} proxy that forwards requests; not one that was tunnelled through
 * @param {string} apiKey
 * @param {number} patience milliseconds
 * @returns {Promise<Finding[]>}
 */
async function ask(socket, url, proxy, apiKey, patience) {
  const endpoint = new URL(`${url.href.replace(/\/+$/, '')}${PATHS[Operation.embedToken]}`);
  const headers = {
    host: url.host,
    authorization: `Bearer ${apiKey}`,
    'content-type': 'application/json',
    connection: 'close',
    ...(proxy && authorization(proxy)),
  };
  const path = proxy ? endpoint.href : endpoint.pathname;
  try {
    const answer = await send(socket, { method: 'POST', path, headers }, '{}', patience);
    return [judgeAnswer(answer), judgeKey(answer)];
  } catch (error) {
    const remedy = 'The API did not answer, or something in between cut it off. If it stays so, ask whoever runs it.';
    return [{ name: 'API', ok: false, detail: codeOf(error), remedy }, { ...UNKNOWN }];
  }
}

/** @type {Finding} */
const UNKNOWN = { name: 'key accepted', ok: null, detail: "can't be told" };

/** @param {Answer} answer @returns {Finding} */
function judgeAnswer({ status, headers, text }) {
  const code = codeIn(text);
  const detail = `status ${status}${code === undefined ? '' : `, ${code}`}`;
  if (status >= 300 && status < 400) {
    const remedy = 'Set REFPORT_BASE_URL to where it leads: redirects are not followed, they would lose the request.';
    return { name: 'API', ok: false, detail: `${detail}, a redirect to ${headers.location}`, remedy };
  }
  if (status === 407) {
    const remedy = 'The proxy wants credentials, or others: http://user:password@host:port.';
    return { name: 'API', ok: false, detail, remedy };
  }
  if (status >= 500) return { name: 'API', ok: false, detail, remedy: 'The API has a problem: try again later.' };
  if (code === undefined) {
    const remedy = 'This is not an answer of the Refport API: check the base URL.';
    return { name: 'API', ok: false, detail, remedy };
  }
  return { name: 'API', ok: true, detail };
}

/** @param {Answer} answer @returns {Finding} */
function judgeKey({ status, text }) {
  const name = 'key accepted';
  const code = codeIn(text);
  if (status === 401 && code !== undefined) {
    const remedy = 'Use a key of this workspace, for this base URL; it may have been revoked.';
    return { name, ok: false, detail: 'no', remedy };
  }
  if ((status === 422 || status === 400) && code === 'VALIDATION_ERROR') return { name, ok: true, detail: 'yes' };
  return { ...UNKNOWN };
}

/**
 * @param {string} text
 * @returns {string | undefined} the code that every failure of the API has
 */
function codeIn(text) {
  try {
    const { code } = JSON.parse(text).error;
    return typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

module.exports = { ask };
