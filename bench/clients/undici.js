'use strict';

/** undici.request, tuned: 64 keep-alive HTTP/1.1 connections, no URL to parse per call, text parsed once. */

const { caller } = require('./undici-caller.js');

module.exports = {
  load: () => require('undici'),
  /** @type {import('./index.js').Connect} */
  connect: (undici, target) =>
    caller(new undici.Agent({ connections: 64, pipelining: 1, connect: { ca: target.ca } }), target, {}),
};
