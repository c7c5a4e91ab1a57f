'use strict';

/** undici.request over HTTP/2. Without `idempotent: true` it would not send two POSTs over one connection at once. */

const { caller } = require('./undici-caller.js');

const CONNECTIONS = 8;
const STREAMS = 128;

module.exports = {
  load: () => require('undici'),
  /** @type {import('./index.js').Connect} */
  connect: (undici, target) =>
    caller(
      new undici.Agent({
        allowH2: true,
        connections: CONNECTIONS,
        pipelining: STREAMS,
        maxConcurrentStreams: STREAMS,
        connect: { ca: target.ca },
      }),
      target,
      { idempotent: true },
    ),
};
