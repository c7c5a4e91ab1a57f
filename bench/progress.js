'use strict';

/** One line per run on standard error. */

const { FIGURES } = require('./figures.js');
const { roundsOf } = require('./rounds.js');

/** The figure that a line shows, by kind. */
const HEADLINE = /** @type {const} */ ({ sustained: 'callsPerSecond', burst: 'burstMs', 'cold-start': 'wallMs' });

/**
 * @param {import('./scenarios.js').Scenario[]} scenarios
 * @param {import('./scenarios.js').Effort} effort
 */
function progress(scenarios, effort) {
  const total = scenarios.reduce((sum, scenario) => sum + scenario.clients.length * roundsOf(scenario, effort), 0);
  const width = String(total).length;
  let done = 0;
  return (
    /** @type {import('./scenarios.js').Scenario} */ { id, kind },
    /** @type {string} */ client,
    /** @type {number} */ round,
    /** @type {import('./rounds.js').Sample} */ sample,
  ) => {
    done++;
    const { title, format } = FIGURES[HEADLINE[kind]];
    const value = sample[HEADLINE[kind]];
    const headline = value === undefined ? '' : `${title} ${format(value)}`;
    process.stderr.write(
      `[${String(done).padStart(width)}/${total}] ${id.padEnd(10)} round ${round}  ${client.padEnd(9)}  ${headline}\n`,
    );
  };
}

module.exports = { progress };
