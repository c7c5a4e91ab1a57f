'use strict';

/**
 * The first call of a fresh process. The harness times the whole process and takes off what the same process without
 * a client takes, so this loads nothing that the client does not need.
 * Argument: JSON { client, target }. Prints one JSON line.
 */

const fs = require('node:fs');
const { client } = require('../clients/index.js');
const { lead, check } = require('./request.js');

const { client: name, target } = JSON.parse(process.argv[2]);

async function main() {
  const { load, connect } = client(name);
  const started = process.hrtime.bigint();
  const loaded = load();
  const requireMs = Number(process.hrtime.bigint() - started) / 1e6;
  const call = connect(loaded, target);
  if (call !== null) check(await call(lead(0)));
  return { requireMs, firstAnswerMs: Number(process.hrtime.bigint() - started) / 1e6 };
}

main().then((result) => {
  // Not by `process.stdout`: it loads the streams that node:http loads too, which would then be no part of its time.
  fs.writeSync(1, `${JSON.stringify(result)}\n`);
  process.exit();
});
