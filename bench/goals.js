'use strict';

/** The goals the package sets itself, each a ratio within one run (sizes and cold start apart), and whether they hold. */

/** @typedef {import('./summary.js').Summary} Summary */
/** @typedef {import('./summary.js').Results} Results */
/**
 * @typedef {object} Goal
 * @property {string} figure
 * @property {string} [peer] whose figure it is a multiple of; nobody's if it is a size or a time
 * @property {string} goal
 * @property {number} limit
 * @property {boolean} [atLeast] whether more is better
 * @property {number} value
 * @property {string} text
 */

/** Goals, and the scenarios that they need. @type {[scenarios: string[], goals: (summary: Summary) => Goal[]][]} */
const OF_SCENARIOS = [
  [['plain-64', 'tls-64'], sustainedGoals],
  [['plain-1', 'tls-1'], sequentialGoals],
  [['burst-tls'], burstGoals],
  [['cold-plain', 'cold-tls'], coldStartGoals],
  [['plain-64', 'tls-64'], engineFetchGoals],
  [['burst-tls'], engineFetchBurstGoals],
];

/**
 * The goals for what was measured.
 * @param {Summary} summary
 * @param {Pick<Results, 'binary' | 'clickId'>} [results] of a full run
 * @returns {(Goal & { met: boolean })[]}
 */
function checkGoals(summary, results) {
  const goals = OF_SCENARIOS.filter(([scenarios]) => scenarios.every((id) => summary[id])).flatMap(([, of]) =>
    of(summary),
  );
  if (results) goals.push(...sizeGoals(summary, results), ...clickIdGoals(results));
  return goals.map((goal) => ({ ...goal, met: goal.atLeast ? goal.value >= goal.limit : goal.value <= goal.limit }));
}

/**
 * A figure of refport as a multiple of another client's.
 * @param {Summary} summary
 * @param {string} scenario
 * @param {string} figure
 * @param {string} other
 * @param {'refport' | 'refport-fetch'} [own]
 */
function ratio(summary, scenario, figure, other, own = 'refport') {
  const { [own]: ours, [other]: peer } = summary[scenario];
  return ours[figure] / peer[figure];
}

/** @param {number} value */
function timesText(value) {
  return `${value.toFixed(2)}×`;
}

/**
 * "At most 1/limit of the peer's".
 * @param {string} figure
 * @param {string} peer
 * @param {number} part
 * @param {number} value
 * @returns {Goal}
 */
function fraction(figure, peer, part, value) {
  return { figure, peer, goal: `≤ 1/${part} of ${peer}`, limit: 1 / part, value, text: `1/${(1 / value).toFixed(1)}` };
}

/**
 * @param {string} figure
 * @param {string} peer
 * @param {number} limit
 * @param {number} value
 * @returns {Goal}
 */
function atMostTimes(figure, peer, limit, value) {
  return { figure, peer, goal: `≤ ${limit}× ${peer}`, limit, value, text: timesText(value) };
}

/**
 * @param {string} figure
 * @param {string} peer
 * @param {number} limit
 * @param {number} value
 * @returns {Goal}
 */
function atLeastTimes(figure, peer, limit, value) {
  return { figure, peer, goal: `≥ ${limit}× ${peer}`, limit, atLeast: true, value, text: timesText(value) };
}

/**
 * @param {string} figure
 * @param {number} limit
 * @param {string} unit
 * @param {number} value
 * @returns {Goal}
 */
function atMost(figure, limit, unit, value) {
  return {
    figure,
    goal: `≤ ${limit} ${unit}`.trim(),
    limit,
    value,
    text: `${Number(value.toFixed(2))} ${unit}`.trim(),
  };
}

/** @param {Summary} summary @returns {Goal[]} */
function sustainedGoals(summary) {
  const plain = (/** @type {string} */ figure, /** @type {string} */ peer) => ratio(summary, 'plain-64', figure, peer);
  const tls = (/** @type {string} */ figure, /** @type {string} */ peer) => ratio(summary, 'tls-64', figure, peer);
  const cpu = summary['plain-64'].refport.mainCpuUs === undefined ? 'mainLoopUs' : 'mainCpuUs';
  return [
    fraction('main-thread CPU per call, 64 concurrent', 'fetch', 60, plain(cpu, 'fetch')),
    fraction('main-thread CPU per call, 64 concurrent', 'undici', 5, plain(cpu, 'undici')),
    fraction('main-thread loop time per call, 64 concurrent', 'fetch', 60, plain('mainLoopUs', 'fetch')),
    fraction('main-thread loop time per call, 64 concurrent', 'undici', 5, plain('mainLoopUs', 'undici')),
    fraction('process CPU per call, 64 concurrent', 'fetch', 12, plain('processCpuUs', 'fetch')),
    atMostTimes('process CPU per call, 64 concurrent, plain', 'undici', 0.97, plain('processCpuUs', 'undici')),
    atMostTimes('process CPU per call, 64 concurrent, TLS', 'undici', 0.6, tls('processCpuUs', 'undici')),
    atLeastTimes('calls/s, 64 concurrent, plain', 'fetch', 10, plain('callsPerSecond', 'fetch')),
    atLeastTimes('calls/s, 64 concurrent, plain', 'undici', 1.2, plain('callsPerSecond', 'undici')),
    atLeastTimes('calls/s, 64 concurrent, TLS', 'undici', 1.9, tls('callsPerSecond', 'undici')),
    atLeastTimes('calls/s, 64 concurrent, plain', 'the pure-reqwest limit', 0.62, plain('callsPerSecond', 'limit')),
  ];
}

/** @param {Summary} summary @returns {Goal[]} */
function sequentialGoals(summary) {
  const one = (/** @type {string} */ figure, /** @type {string} */ peer) => ratio(summary, 'plain-1', figure, peer);
  return [
    atMostTimes('sequential p50, plain', 'fetch', 0.45, one('p50Us', 'fetch')),
    atMostTimes('sequential p50, plain', 'undici', 1.1, one('p50Us', 'undici')),
    atMostTimes('sequential p50, TLS', 'undici', 1.2, ratio(summary, 'tls-1', 'p50Us', 'undici')),
    atMostTimes('sequential p99, plain', 'fetch', 0.1, one('p99Us', 'fetch')),
    atMostTimes('sequential p99, plain', 'undici', 0.3, one('p99Us', 'undici')),
  ];
}

/** @param {Summary} summary @returns {Goal[]} */
function burstGoals(summary) {
  const { refport } = summary['burst-tls'];
  return [
    fraction('cold burst of 1 000, TLS', 'fetch', 25, ratio(summary, 'burst-tls', 'burstMs', 'fetch')),
    fraction('cold burst of 1 000, TLS', 'undici, 64 connections', 6, ratio(summary, 'burst-tls', 'burstMs', 'undici')),
    atMost('connections opened in the burst', 8, '', refport.connections),
    atMost('longest block of the loop in any burst', 6, 'ms', refport.worstLoopMs),
  ];
}

/** @param {Summary} summary @returns {Goal[]} */
function coldStartGoals(summary) {
  const { refport } = summary['cold-tls'];
  const times = (/** @type {string} */ scenario, /** @type {string} */ peer) =>
    ratio(summary, scenario, 'aboveBareMs', peer);
  return [
    atMost('`require`', 1.5, 'ms', refport.requireMs),
    atMostTimes('first plain call above bare node', 'node:http', 0.75, times('cold-plain', 'http')),
    atMostTimes('first TLS call above bare node', 'node:https', 0.2, times('cold-tls', 'http')),
    atMost('first TLS call above bare node', 8, 'ms', refport.aboveBareMs),
    fraction('first TLS call above bare node', 'fetch', 6, times('cold-tls', 'fetch')),
  ];
}

/** What the checks, the retries and the bound cost over the same fetch. @param {Summary} summary @returns {Goal[]} */
function engineFetchGoals(summary) {
  const cpu = summary['plain-64'].refport.mainCpuUs === undefined ? 'mainLoopUs' : 'mainCpuUs';
  const over = (/** @type {string} */ scenario) => ratio(summary, scenario, cpu, 'fetch', 'refport-fetch');
  return [
    atMostTimes('engine fetch: main-thread CPU per call, 64 concurrent, plain', 'fetch', 1.1, over('plain-64')),
    atMostTimes('engine fetch: main-thread CPU per call, 64 concurrent, TLS', 'fetch', 1.1, over('tls-64')),
  ];
}

/** @param {Summary} summary @returns {Goal[]} */
function engineFetchBurstGoals(summary) {
  return [
    atMost('engine fetch: connections opened in the burst', 64, '', summary['burst-tls']['refport-fetch'].connections),
  ];
}

/** @param {Summary} summary @param {Pick<Results, 'binary'>} results @returns {Goal[]} */
function sizeGoals(summary, { binary }) {
  const { refport, undici, bare } = summary['plain-64'];
  const growth = (refport.peakRssMb - bare.peakRssMb) / (undici.peakRssMb - bare.peakRssMb);
  return [
    atMostTimes('peak RSS under load above bare node', 'undici', 0.4, growth),
    // The client, and the outbox with its SQLite.
    atMost('binary, stripped', 3.75 + 0.8, 'MB', binary.bytes / 1e6),
    atMost('binary, gzip', 1.76 + 0.45, 'MB', binary.gzipBytes / 1e6),
  ];
}

/** @param {Pick<Results, 'clickId'>} results @returns {Goal[]} */
function clickIdGoals({ clickId }) {
  return clickId.map(({ name, limit, ratio: value }) =>
    atMostTimes(`\`getClickIdFromCookie\`, ${name}`, 'a hand-written search', limit, value),
  );
}

module.exports = { checkGoals };
