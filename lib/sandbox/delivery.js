'use strict';

/**
 * @typedef {import('./answer.js').Answer} Answer
 * @typedef {import('./listener.js').Req} Req
 * @typedef {import('./listener.js').Res} Res
 */

/** HTTP/2 has no such headers, and Node refuses to send them there. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'proxy-connection'];

/**
 * Sends an answer. Resolves when it is on its way or the client is gone.
 *
 * @param {Answer} answer
 * @param {Req} req
 * @param {Res} res
 * @returns {Promise<void>}
 */
function sendAnswer(answer, req, res) {
  writeHead(answer, req, res);
  return new Promise((resolve) => {
    res.on('close', resolve);
    res.end(answer.body, resolve);
  });
}

/**
 * Sends the head of an answer and the first half of its body. Resolves like {@link sendAnswer}.
 *
 * @param {Answer} answer
 * @param {Req} req
 * @param {Res} res
 * @returns {Promise<void>}
 */
function sendHalf(answer, req, res) {
  const bytes = Buffer.from(answer.body);
  writeHead(answer, req, res);
  return new Promise((resolve) => {
    res.on('close', resolve);
    res.write(bytes.subarray(0, bytes.length / 2), () => resolve());
  });
}

/**
 * @param {Answer} answer
 * @param {Req} req
 * @param {Res} res
 */
function writeHead({ status, headers, body }, req, res) {
  const bodiless = status === 204 || status === 304;
  const length = bodiless ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const entries = Object.entries({ ...length, ...headers });
  const allowed = req.httpVersionMajor < 2 ? entries : entries.filter(([name]) => !HOP_BY_HOP.includes(name));
  res.writeHead(status, Object.fromEntries(allowed));
}

module.exports = { sendAnswer, sendHalf };
