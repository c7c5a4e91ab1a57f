'use strict';

const { errorAnswer, jsonAnswer } = require('../http/answer.js');
const { findAsset, readAsset } = require('./assets.js');
const { readBody } = require('../http/body.js');
const { control } = require('./actions.js');
const { sendAnswer } = require('../http/send.js');
const { Feed } = require('./event-stream.js');
const { viewWholeRequest } = require('../records/serialize.js');

/**
 * @typedef {import('../http/answer.js').Answer} Answer
 * @typedef {import('../core.js').Core} Core
 * @typedef {import('../http/listener.js').Req} Req
 * @typedef {import('../http/listener.js').Res} Res
 */

const OWN = '/_sandbox/';
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
const SAFE = {
  'cache-control': 'no-store',
  'content-security-policy': POLICY,
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/**
 * Whether a path belongs to the sandbox itself rather than to what it stands for. Such requests are not recorded.
 *
 * @param {string} pathname
 */
const isPage = (pathname) => pathname === '/' || pathname === '/favicon.ico' || pathname.startsWith(OWN);

/**
 * @param {Core} core
 * @param {{ pathname: string, search: string }} target
 * @param {Req} req
 * @param {Res} res
 */
async function servePage(core, { pathname, search }, req, res) {
  core.feed ??= new Feed(core);
  const { feed } = core;
  if (req.method === 'GET' && pathname === `${OWN}events`) {
    const after = new URLSearchParams(search).get('after');
    return feed.read(res, String(req.headers['last-event-id'] ?? after ?? ''));
  }
  const answer =
    req.method === 'GET' || req.method === 'HEAD' ? read(core, feed, pathname) : await change(core, pathname, req);
  await sendAnswer({ ...answer, headers: { ...SAFE, ...answer.headers } }, res);
}

/**
 * @param {Core} core
 * @param {Feed} feed
 * @param {string} pathname
 * @returns {Answer}
 */
function read(core, feed, pathname) {
  if (pathname === '/') return found('text/html; charset=utf-8', readAsset('index.html'));
  const name = pathname === '/favicon.ico' ? 'icon.svg' : pathname.slice(OWN.length);
  if (name === 'state') return jsonAnswer(200, feed.state());
  const [, id] = /^requests\/(\d+)$/.exec(name) ?? [];
  if (id !== undefined) {
    const request = core.recorder.requests.find((candidate) => candidate.id === Number(id));
    if (request) return jsonAnswer(200, viewWholeRequest(request));
  }
  const asset = findAsset(name);
  return asset ? found(asset.type, asset.text) : errorAnswer(404, 'NOT_FOUND', `There is nothing at ${pathname}`);
}

/**
 * @param {Core} core
 * @param {string} pathname
 * @param {Req} req
 * @returns {Promise<Answer>}
 */
async function change(core, pathname, req) {
  const body = await readBody(req);
  // Forms of other sites can send other types without asking the browser first.
  if (req.headers['content-type'] !== 'application/json' || body === undefined) {
    return errorAnswer(415, 'UNSUPPORTED', 'The body must be JSON of up to 1 MiB, declared as application/json');
  }
  return control(core, `${req.method} ${pathname.slice(OWN.length)}`, body);
}

/**
 * @param {string} type
 * @param {string} body
 * @returns {Answer}
 */
const found = (type, body) => ({ status: 200, headers: { 'content-type': type }, body });

module.exports = { isPage, servePage };
