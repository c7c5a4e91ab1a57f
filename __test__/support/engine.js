'use strict';

// The tests run against either engine: REFPORT_ENGINE=fetch node --test …. What is true of the addon alone is listed here
// with the reason, by files and by parts of files.

const tls = require('node:tls');

const isFetch = process.env.REFPORT_ENGINE === 'fetch';

/** Folders of tests that make no client, or no matter which: one run is enough. */
const withoutEngine = [
  'browser',
  'click-id',
  'landing',
  'command',
  'install',
  'package',
  'repository',
  'sandbox',
  'types',
  'webhooks',
];

/** Reasons that folders and whole files have, by their path below __test__. @type {Record<string, string>} */
const nativeOnlyFiles = {
  outbox: "the outbox's file is kept by the addon",
  'lifecycle/burst.test.js': 'fetch takes minutes for 100,000 calls',
  'lifecycle/open-handles.test.js': "the handle is the addon's",
  'lifecycle/workers.test.js': 'how the addon leaves the threads that end',
  'performance/guard.test.js': 'the bounds are of a client that stays off the event loop',
  'performance/outbox.test.js': "the outbox's file is kept by the addon",
  'proxy/environment.test.js': 'which proxy is used is decided by the runtime',
  'proxy/exceptions.test.js': 'which proxy is used is decided by the runtime',
  'proxy/option.test.js': 'fetch takes no proxy: the option is refused (engine/refused-options.test.js)',
  'transport/frozen.test.js': 'timers of JavaScript come before what has arrived meanwhile',
  'transport/http2.test.js': "Node's fetch speaks HTTP/1.1",
  'transport/http2-prior-knowledge.test.js':
    'fetch takes no http2: the option is refused (engine/refused-options.test.js)',
  'transport/http2-reset.test.js': "Node's fetch speaks HTTP/1.1",
  'transport/http2-restart.test.js': "Node's fetch speaks HTTP/1.1",
  'transport/http2-silent.test.js': "Node's fetch speaks HTTP/1.1",
  'transport/http2-rotation.test.js': "Node's fetch speaks HTTP/1.1",
  'transport/keep-alive.test.js': 'for how long a connection is used again is decided by the runtime',
  'transport/tls-blocked-file.test.js': 'Node reads NODE_EXTRA_CA_CERTS before anything else',
  'transport/stalled-handshake.test.js': "Node's fetch speaks HTTP/1.1",
  'wire/large-results.test.js': 'fetch sends nothing while JavaScript is busy',
  'wire/lost-results.test.js': 'nothing crosses a boundary that could lose it',
};

/** Reasons that parts of files have. */
const REASONS = /** @type {const} */ ({
  http2: "Node's fetch speaks HTTP/1.1",
  proxy: 'fetch takes no proxy: the option is refused (engine/refused-options.test.js)',
  ca: 'fetch takes no authorities: the option is refused (engine/refused-options.test.js)',
  trust: 'whom fetch trusts is decided by the runtime',
  handshake: 'fetch does not say that it failed before anything was sent, unless a certificate was the reason',
  truncation: 'fetch takes the end of a TLS connection without a close_notify for the end of the body',
  upgrade: 'fetch makes an error without a status of 101',
  compression: 'fetch unpacks what arrives packed',
  timers: 'fetch runs on what fake timers replace',
  reuse: 'for how long a connection is used again is decided by the runtime',
  sharing: 'connections belong to the runtime, not to a configuration',
});

/**
 * @param {keyof typeof REASONS} reason
 * @returns {string | false} for the option `skip` of a test
 */
const nativeOnly = (reason) => isFetch && REASONS[reason];

/** @type {Set<string>} */
const trusted = new Set();

/**
 * Makes this process trust a test's authority, as the option `ca` does for the addon.
 * @param {string} ca
 */
function trustOverFetch(ca) {
  if (trusted.has(ca)) return;
  trusted.add(ca);
  const { Agent, setGlobalDispatcher } = require('undici');
  setGlobalDispatcher(new Agent({ connect: { ca: [...tls.rootCertificates, ...trusted] } }));
}

module.exports = { isFetch, nativeOnly, nativeOnlyFiles, trustOverFetch, withoutEngine };
