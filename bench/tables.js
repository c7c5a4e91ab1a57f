'use strict';

/** Markdown tables of a run. */

const { SCENARIOS } = require('./scenarios.js');
const { LABELS } = require('./clients/index.js');
const { FIGURES, TABLE_FIGURES } = require('./figures.js');

/**
 * @param {string[]} head
 * @param {string[][]} rows
 * @param {number} [texts] how many columns, from the left, are words; the others are numbers
 */
function table(head, rows, texts = 1) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, column) => (column < texts ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/**
 * One row per client; behind a figure, in brackets, how many times refport's it is.
 * @param {import('./scenarios.js').Scenario} scenario
 * @param {Record<string, import('./rounds.js').Sample>} clients
 */
function scenarioTable({ kind, clients: names }, clients) {
  const figures = TABLE_FIGURES[kind].filter((name) => names.some((client) => clients[client]?.[name] !== undefined));
  const rows = names.map((client) => {
    const label = client === 'refport' ? `**${LABELS[client]}**` : LABELS[client];
    return [label, ...figures.map((name) => cell(name, clients[client][name], client, clients.refport[name]))];
  });
  return table(['client', ...figures.map((name) => FIGURES[name].title)], rows);
}

/**
 * @param {string} name
 * @param {number | undefined} value
 * @param {string} client
 * @param {number | undefined} own
 */
function cell(name, value, client, own) {
  if (value === undefined) return '–';
  const { format, judged } = FIGURES[name];
  if (client === 'refport') return `**${format(value)}**`;
  // Less than nothing is noise around nothing: no multiple of it says anything.
  if (!judged || client === 'bare' || !(own && own > 0 && value > 0)) return format(value);
  const times = value / own;
  return `${format(value)} (${times >= 10 ? times.toFixed(0) : times.toFixed(times >= 1 ? 1 : 2)}×)`;
}

/** @param {import('./summary.js').Summary} summary */
function scenarioSections(summary) {
  return SCENARIOS.filter(({ id }) => summary[id]).map(
    (scenario) => `### ${upperFirst(scenario.title)}\n\n${scenarioTable(scenario, summary[scenario.id])}`,
  );
}

/** @param {ReturnType<typeof import('./goals.js').checkGoals>} goals */
function goalsTable(goals) {
  return table(
    ['figure', 'goal', 'measured', ''],
    goals.map(({ figure, goal, text, met }) => [figure, goal, text, met ? 'met' : '**not met**']),
    2,
  );
}

/** @param {import('./losses.js').Loss[]} found */
function lossesTable(found) {
  return table(
    ['work', 'figure', 'refport', 'better'],
    found.map(({ scenario, figure, own, better }) => [scenario, figure, own, better.join('<br>')]),
    4,
  );
}

/** @param {import('./click-id-rows.js').Row[]} rows */
function clickIdTable(rows) {
  return table(
    ['header', '`getClickIdFromCookie`, ns', 'a hand-written search, ns', 'ratio'],
    rows.map(({ name, ownNs, plainNs, ratio }) => [name, ownNs.toFixed(0), plainNs.toFixed(0), `${ratio.toFixed(2)}×`]),
  );
}

/** @param {string} text */
function upperFirst(text) {
  return text[0].toUpperCase() + text.slice(1);
}

module.exports = { scenarioSections, goalsTable, lossesTable, clickIdTable, table };
