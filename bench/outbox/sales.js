'use strict';

// The conversions of the benchmark, and a file of them for `npx refport outbox import`.

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');

const CLI = path.join(__dirname, '../../dist/cli.cjs');
const run = promisify(execFile);

const sale = (/** @type {number} */ n) => ({
  clickId: 'click_1',
  customerExternalId: `user_${n}`,
  amount: 4900,
  invoiceId: `in_${n}`,
  metadata: { plan: 'pro' },
});

/** @param {string} folder @param {number} entries @returns {string} path of a file with so many sales */
function salesFile(folder, entries) {
  const file = path.join(folder, `sales-${entries}.ndjson`);
  if (fs.existsSync(file)) return file;
  const output = fs.openSync(file, 'w');
  for (let n = 0; n < entries; n += 10_000) {
    const some = Array.from({ length: Math.min(10_000, entries - n) }, (_, i) => `${JSON.stringify(sale(n + i))}\n`);
    fs.writeSync(output, some.join(''));
  }
  fs.closeSync(output);
  return file;
}

/**
 * Records sales with the command, which delivers nothing.
 * @param {string} folder @param {number} entries @param {string[]} place its arguments for the store
 * @returns {Promise<number>} seconds, of the whole process
 */
async function importSales(folder, entries, place) {
  const started = performance.now();
  await outboxCommand(['import', salesFile(folder, entries), ...place]);
  return (performance.now() - started) / 1000;
}

/** @param {string[]} args @returns {Promise<string>} what it prints */
async function outboxCommand(args) {
  const { stdout } = await run(process.execPath, [CLI, 'outbox', ...args], { maxBuffer: 2 ** 30 });
  return stdout;
}

module.exports = { importSales, outboxCommand, sale };
