'use strict';

// What the chaos server does with a request, by chance. `counts` says whether the API would have recorded the
// conversion by then: where the answer leaves it open, it has.

const { constants } = require('node:http2');
const { answerTo } = require('./call-kinds.js');
const faults = require('./fault-behaviours.js');

const { NGHTTP2_CANCEL, NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_INTERNAL_ERROR, NGHTTP2_REFUSED_STREAM } = constants;
const shortRetryAfter = { 'Retry-After-Ms': '20' };

/**
 * @template Fault
 * @typedef {{ weight: number, counts: boolean, fault: Fault }} Chance
 */

/** @type {Chance<import('./fault-behaviours.js').Fault>[]} */
const http1 = [
  { weight: 60, counts: true, fault: faults.ok() },
  { weight: 4, counts: true, fault: faults.reset() },
  { weight: 4, counts: true, fault: faults.eof() },
  { weight: 2, counts: true, fault: faults.stall() },
  { weight: 3, counts: true, fault: faults.drip('drip', { step: 7, interval: 2 }) },
  { weight: 2, counts: true, fault: faults.raw('half a head', 'HTTP/1.1 200 OK\r\nConte', 'reset') },
  { weight: 2, counts: true, fault: faults.raw('garbage', '\0\x01\x02garbage\r\n\r\n', 'end') },
  {
    weight: 3,
    counts: true,
    fault: faults.misframed('cut', (body) => faults.head(200, { 'Content-Length': body.length + 9 }) + body, 'end'),
  },
  { weight: 3, counts: true, fault: faults.respond(500) },
  { weight: 3, counts: true, fault: faults.respond(502, '<html>502</html>') },
  { weight: 4, counts: false, fault: faults.respond(503, '', shortRetryAfter) },
  { weight: 4, counts: false, fault: faults.respond(429, '', shortRetryAfter) },
  { weight: 2, counts: false, fault: faults.apiError(400, 'INVALID_CLICK_ID', 'No such click') },
];

/** @typedef {(stream: import('node:http2').ServerHttp2Stream, path: string) => void} StreamFault */

/** @type {(status: number, body?: string, headers?: Record<string, string>) => StreamFault} */
const respond =
  (status, body, headers = {}) =>
  (stream, path) => {
    stream.respond({ ':status': status, 'content-type': 'application/json', ...headers });
    stream.end(body ?? answerTo(path));
  };

/** @type {(code: number) => StreamFault} */
const reset = (code) => (stream) => stream.close(code);

/** @type {Chance<StreamFault>[]} */
const http2 = [
  { weight: 60, counts: true, fault: respond(200) },
  { weight: 5, counts: false, fault: reset(NGHTTP2_REFUSED_STREAM) },
  { weight: 3, counts: true, fault: reset(NGHTTP2_INTERNAL_ERROR) },
  { weight: 3, counts: true, fault: reset(NGHTTP2_CANCEL) },
  { weight: 1, counts: true, fault: reset(NGHTTP2_ENHANCE_YOUR_CALM) },
  { weight: 2, counts: true, fault: () => {} },
  { weight: 3, counts: true, fault: respond(500, '') },
  { weight: 4, counts: false, fault: respond(503, '', shortRetryAfter) },
  { weight: 4, counts: false, fault: respond(429, '', shortRetryAfter) },
];

/**
 * @template Fault
 * @param {Chance<Fault>[]} chances
 * @param {() => number} random
 * @returns {Chance<Fault>}
 */
function draw(chances, random) {
  let left = random() * chances.reduce((sum, { weight }) => sum + weight, 0);
  for (const chance of chances) {
    left -= chance.weight;
    if (left < 0) return chance;
  }
  return chances[0];
}

module.exports = { draw, http1, http2 };
