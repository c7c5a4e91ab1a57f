'use strict';

/**
 * @typedef {import('./answer.js').Answer} Answer
 * @typedef {import('./listener.js').Res} Res
 */

/**
 * Sends an answer. Resolves when it is on its way or the client is gone.
 *
 * @param {Answer} answer
 * @param {Res} res
 * @returns {Promise<void>}
 */
function sendAnswer(answer, res) {
  writeHead(answer, res);
  return new Promise((resolve) => {
    res.on('close', resolve);
    res.end(answer.body, resolve);
  });
}

/**
 * Sends the head of an answer and the first half of its body. Resolves like {@link sendAnswer}.
 *
 * @param {Answer} answer
 * @param {Res} res
 * @returns {Promise<void>}
 */
function sendHalf(answer, res) {
  const bytes = Buffer.from(answer.body);
  writeHead(answer, res);
  return new Promise((resolve) => {
    res.on('close', resolve);
    res.write(bytes.subarray(0, bytes.length / 2), () => resolve());
  });
}

/**
 * @param {Answer} answer
 * @param {Res} res
 */
function writeHead({ status, headers, body }, res) {
  const bodiless = status === 204 || status === 304;
  const length = bodiless ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  res.writeHead(status, { ...length, ...headers });
}

module.exports = { sendAnswer, sendHalf };
