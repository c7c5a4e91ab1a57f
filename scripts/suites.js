'use strict';

// The suites that hold a change to its promises, in the order in which `.ci/run` runs them. The workflows read the same list:
//
//   node scripts/suites.js --all      one name a line
//   node scripts/suites.js --short    those that every pull request runs; the others run every night and before a release
//   … --json                          as a JSON array, for a workflow's matrix

const { parseArgs } = require('node:util');

/**
 * Names of scripts in package.json. The one that measures times comes before the long ones, whose servers may take a while to
 * stop.
 */
const SHORT = ['test', 'test:performance', 'test:matrix', 'test:examples', 'test:install', 'test:browser'];
const LONG = ['test:queues', 'test:chaos', 'test:crash', 'test:soak'];

if (require.main === module) {
  const { values } = parseArgs({
    options: { all: { type: 'boolean' }, short: { type: 'boolean' }, json: { type: 'boolean' } },
  });
  if (values.all === values.short) throw new Error('Usage: node scripts/suites.js --all | --short [--json]');
  const names = values.short ? SHORT : [...SHORT, ...LONG];
  console.log(values.json ? JSON.stringify(names) : names.join('\n'));
}

module.exports = { LONG, SHORT };
