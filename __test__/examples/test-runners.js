'use strict';

const assert = require('node:assert/strict');
const { install } = require('./packages.js');
const { exampleEnvironment, run } = require('./processes.js');

/**
 * The examples that are tests of their own: the runner isolates files in different ways, and the addon has to work in
 * all of them.
 *
 * @param {string} folder in examples/
 * @param {number} count how many tests there are
 * @param {string[]} modes arguments of the runner, one run each
 * @returns {import('./examples.js').Check}
 */
function tests(folder, count, modes) {
  return async (packages) => {
    const copy = await install(folder, packages);
    for (const mode of modes) {
      const output = await run('npm', ['test', '--', mode], copy, exampleEnvironment({ NO_COLOR: '1' }));
      // A run that finds no tests, or only some, is no success.
      assert.match(output, new RegExp(`Tests:? +${count} passed`), `${mode}:\n${output}`);
    }
    return `${count} tests, with each of ${modes.join(', ')}`;
  };
}

module.exports = { tests };
