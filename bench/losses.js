'use strict';

/** Where somebody else does better than refport: looked for in every figure of every scenario, not picked by hand. */

const { SCENARIOS } = require('./scenarios.js');
const { LABELS } = require('./clients/index.js');
const { FIGURES, TABLE_FIGURES } = require('./figures.js');

/** Differences below this are within what two runs of the same client differ by. */
const NOISE = 0.05;
/** Itself, and what is not a client but bounds them. */
const NO_PEERS = new Set(['refport', 'limit', 'floor', 'bare']);

/** @typedef {{ scenario: string, figure: string, own: string, better: string[] }} Loss */

/**
 * @param {import('./summary.js').Summary} summary
 * @returns {Loss[]}
 */
function losses(summary) {
  return SCENARIOS.filter(({ id }) => summary[id]).flatMap(({ id, kind, title }) =>
    TABLE_FIGURES[kind].filter((name) => FIGURES[name].judged).flatMap((name) => loss(title, name, summary[id])),
  );
}

/**
 * @param {string} scenario
 * @param {string} name
 * @param {Record<string, import('./rounds.js').Sample>} clients
 * @returns {Loss[]} one, or none
 */
function loss(scenario, name, clients) {
  const { title, higherIsBetter, format } = FIGURES[name];
  const own = clients.refport[name];
  if (own === undefined) return [];
  const better = Object.entries(clients)
    .filter(([client]) => !NO_PEERS.has(client))
    .map(([client, figures]) => ({ label: LABELS[/** @type {keyof typeof LABELS} */ (client)], value: figures[name] }))
    .filter(({ value }) => (higherIsBetter ? value > own * (1 + NOISE) : value < own * (1 - NOISE)))
    .map(({ label, value }) => `${label}: ${format(value)}`);
  return better.length ? [{ scenario, figure: title, own: format(own), better }] : [];
}

module.exports = { losses };
