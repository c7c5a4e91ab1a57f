'use strict';

/** The figures by name: what they are called, how they are written, and which are shown for which kind of work. */

/**
 * @typedef {object} Figure
 * @property {string} title
 * @property {(value: number) => string} format
 * @property {boolean} [higherIsBetter]
 * @property {boolean} [judged] more or less of it is better or worse; shown as a multiple of refport's
 */

/** @param {number} digits */
function fixed(digits) {
  return (/** @type {number} */ value) =>
    value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Three significant digits are what the noise allows. @param {number} value */
function short(value) {
  return fixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)(value);
}

/** @param {number} value */
function percent(value) {
  return `${Math.round(value * 100)} %`;
}

/** @type {Record<string, Figure>} */
const FIGURES = {
  callsPerSecond: { title: 'calls/s', format: fixed(0), higherIsBetter: true, judged: true },
  spread: { title: 'spread', format: percent },
  mainCpuUs: { title: 'main-thread CPU, µs/call', format: short, judged: true },
  mainLoopUs: { title: 'loop active, µs/call', format: short, judged: true },
  processCpuUs: { title: 'process CPU, µs/call', format: short, judged: true },
  p50Us: { title: 'p50, µs', format: fixed(0), judged: true },
  p99Us: { title: 'p99, µs', format: fixed(0), judged: true },
  loopP99Ms: { title: 'loop delay p99, ms', format: short, judged: true },
  loopMaxMs: { title: 'loop delay max, ms', format: short, judged: true },
  connections: { title: 'connections', format: fixed(0) },
  peakRssMb: { title: 'peak RSS, MB', format: fixed(0), judged: true },
  serverBusy: { title: 'server busy', format: percent },
  burstMs: { title: 'all answered, ms', format: short, judged: true },
  worstLoopMs: { title: 'longest block in any round, ms', format: short, judged: true },
  requireMs: { title: '`require`, ms', format: short },
  wallMs: { title: 'whole process, ms', format: short },
  aboveBareMs: { title: 'above bare node, ms', format: short, judged: true },
};

/** @type {Record<import('./scenarios.js').Scenario['kind'], string[]>} */
const TABLE_FIGURES = {
  sustained: [
    'callsPerSecond',
    'spread',
    'mainCpuUs',
    'mainLoopUs',
    'processCpuUs',
    'p50Us',
    'p99Us',
    'loopP99Ms',
    'loopMaxMs',
    'connections',
    'peakRssMb',
    'serverBusy',
  ],
  burst: ['burstMs', 'loopMaxMs', 'worstLoopMs', 'connections', 'peakRssMb'],
  'cold-start': ['requireMs', 'wallMs', 'aboveBareMs'],
};

module.exports = { FIGURES, TABLE_FIGURES };
