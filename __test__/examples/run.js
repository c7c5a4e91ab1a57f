'use strict';

// Runs the examples as their readers would, and looks at what reaches the API:
//
//   npm run test:examples                        all of them
//   npm run test:examples -- express bullmq      these
//   npm run test:examples -- --list              which there are

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { examples } = require('./examples.js');
const { packPackages } = require('./packages.js');
const { stopAll } = require('./processes.js');

/** @param {string[]} args */
function chosen(args) {
  const all = Object.keys(examples);
  const unknown = args.find((name) => !all.includes(name));
  if (unknown) throw new Error(`No example is called ${unknown}. There are: ${all.join(', ')}.`);
  return args.length > 0 ? args : all;
}

/** @param {number} start */
const seconds = (start) => `${((performance.now() - start) / 1000).toFixed(1)} s`;

/**
 * @param {string} name
 * @param {import('./packages.js').Packages} packages
 * @returns {Promise<boolean>} whether it passed
 */
async function run(name, packages) {
  const start = performance.now();
  try {
    const said = await examples[name]?.(packages);
    console.log(`✓ ${name.padEnd(22)} ${seconds(start).padStart(7)}  ${said}`);
    return true;
  } catch (error) {
    console.log(`✗ ${name.padEnd(22)} ${seconds(start).padStart(7)}`);
    console.log(String(error instanceof Error ? error.stack : error).replace(/^/gm, '    '));
    return false;
  } finally {
    await stopAll();
  }
}

/** @param {string[]} args */
async function main(args) {
  if (args.includes('--list')) return console.log(Object.keys(examples).join('\n'));
  const names = chosen(args);
  // Outside the repository, whose own packages would otherwise be found by an example that forgot to ask for one.
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-examples-'));
  process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const packages = packPackages(folder);
  let passed = 0;
  for (const name of names) passed += Number(await run(name, packages));
  console.log(`\n${passed} passed, ${names.length - passed} failed`);
  if (passed < names.length) process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
