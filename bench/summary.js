'use strict';

/** The run's raw samples, boiled down to what tables, charts and goals read. */

const { SCENARIOS } = require('./scenarios.js');
const { medians, spread } = require('./statistics.js');

/** @typedef {import('./rounds.js').Samples} Samples */
/** @typedef {import('./rounds.js').Sample} Sample */

/**
 * @typedef {object} Results what a run writes down
 * @property {import('./machine.js').Machine} machine
 * @property {import('./machine.js').Binary} binary
 * @property {import('./click-id-rows.js').Row[]} clickId
 * @property {import('./scenarios.js').Effort} effort
 * @property {number} minutes
 * @property {Record<string, Samples>} samples by scenario, then client
 */

/**
 * Medians by scenario and client, with what can only be said of all rounds or of two clients together:
 * `spread` of calls/s, `worstLoopMs` of any round, `aboveBareMs` over the same process without a client.
 * @param {Pick<Results, "samples">} results
 */
function summarise({ samples }) {
  /** @type {Record<string, Record<string, Sample>>} */
  const summary = {};
  for (const { id, kind } of SCENARIOS) {
    const clients = samples[id];
    if (!clients) continue;
    const figures = Object.fromEntries(Object.entries(clients).map(([name, rounds]) => [name, medians(rounds)]));
    for (const [name, figure] of Object.entries(figures)) {
      const rounds = clients[name];
      if ('callsPerSecond' in figure) figure.spread = spread(rounds, 'callsPerSecond');
      if ('loopMaxMs' in figure) figure.worstLoopMs = Math.max(...rounds.map((sample) => sample.loopMaxMs));
      if (kind === 'cold-start') figure.aboveBareMs = figure.wallMs - figures.bare.wallMs;
    }
    summary[id] = figures;
  }
  return summary;
}

/** @typedef {ReturnType<typeof summarise>} Summary */

module.exports = { summarise };
