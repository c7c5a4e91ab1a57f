'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { installAll } = require('./packages.js');
const { run } = require('./processes.js');

/**
 * Checks the types of the examples in JavaScript, next to the packages that they use.
 * @module
 */

const TYPESCRIPT = path.resolve(__dirname, '../../node_modules/.bin/tsc');
const NODE_TYPES = path.dirname(require.resolve('@types/node/package.json'));

/** @type {import('./examples.js').Check} */
async function checkTypes(packages) {
  const workspace = await installAll(packages);
  // Some bring a version of their own.
  const types = path.join(workspace, 'node_modules', '@types', 'node');
  if (!fs.existsSync(types)) fs.cpSync(NODE_TYPES, types, { recursive: true });
  await run(TYPESCRIPT, ['--project', '.'], workspace, process.env);
  return 'the types of the examples in JavaScript';
}

module.exports = { checkTypes };
