'use strict';

// The suites that hold a change to its promises, each the name of a script in package.json. The workflows and `.ci/run` read
// them here:
//
//   node scripts/suites.js short      what every pull request runs, one name a line
//   node scripts/suites.js all        what `.ci/run` and a release run, in this order
//   node scripts/suites.js nightly    everything
//   … --json                          as a JSON array, for a workflow's matrix

/** The one that measures times comes before the others, whose servers may take a while to stop. */
const short = ['test', 'test:performance', 'test:matrix', 'test:examples', 'test:install', 'test:browser'];
const all = [...short, 'test:queues', 'test:chaos', 'test:crash', 'test:soak'];
/** The last ones compile the addon many times over. */
const nightly = [...all, 'test:platforms', 'test:sanitizers'];

/** @type {Record<string, string[]>} */
const SUITES = { short, all, nightly };

if (require.main === module) {
  const [list = '', format] = process.argv.slice(2);
  const names = SUITES[list];
  if (!names) throw new Error(`Usage: node scripts/suites.js ${Object.keys(SUITES).join('|')} [--json]`);
  console.log(format === '--json' ? JSON.stringify(names) : names.join('\n'));
}

module.exports = { SUITES };
