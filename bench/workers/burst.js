'use strict';

/**
 * Many calls at once in a fresh process that has made none before: connections, TLS and code are all cold.
 * Argument: JSON { client, target, concurrency }. Prints one JSON line.
 */

const { performance } = require('node:perf_hooks');
const { client } = require('../clients/index.js');
const { lead, check } = require('./request.js');
const { watchLoop } = require('./loop-delay.js');
const { memory } = require('./usage.js');

const { client: name, target, concurrency } = JSON.parse(process.argv[2]);

async function main() {
  const { load, connect } = client(name);
  const call = connect(load(), target);
  const loop = await watchLoop();
  const started = performance.now();
  const answers = await Promise.all(Array.from({ length: concurrency }, (_, serial) => call(lead(serial))));
  const burstMs = performance.now() - started;
  answers.forEach(check);
  return { burstMs, ...(await loop.stop()), ...memory() };
}

main().then((result) => {
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit());
});
