'use strict';

/** The figures that hold on any machine: each a multiple of another client's in the same run. */

const fs = require('node:fs');
const path = require('node:path');
const { checkGoals } = require('./goals.js');
const { summarise } = require('./summary.js');

const FILE = path.join(__dirname, 'ratios.json');

/** A ratio so many times the recorded one is worse: several times the spread of a quick run. */
const TOLERANCE = 1.5;

/** By what is measured against whom. @typedef {Record<string, { value: number, atLeast: boolean }>} Ratios */

/**
 * @param {import('./summary.js').Results} results
 * @returns {Ratios}
 */
function ratiosOf(results) {
  const goals = checkGoals(summarise(results), results).filter(({ peer }) => peer !== undefined);
  return Object.fromEntries(
    goals.map(({ figure, peer, value, atLeast = false }) => [`${figure}, of ${peer}`, { value, atLeast }]),
  );
}

/** @param {Ratios} ratios */
function writeRatios(ratios) {
  const rounded = Object.entries(ratios).map(([name, { value, atLeast }]) => {
    return [name, { value: Number(value.toPrecision(3)), atLeast }];
  });
  fs.writeFileSync(FILE, `${JSON.stringify(Object.fromEntries(rounded), null, 2)}\n`);
}

/** @returns {Ratios} */
function readRatios() {
  if (!fs.existsSync(FILE)) throw new Error('There is no bench/ratios.json to compare with: a full run writes it.');
  return JSON.parse(fs.readFileSync(FILE, 'utf8'));
}

/**
 * @param {Ratios} before
 * @param {Ratios} now
 * @returns {string[]} what is worse, or not measured any more
 */
function compareRatios(before, now) {
  return Object.entries(before).flatMap(([name, { value, atLeast }]) => {
    const current = now[name]?.value;
    if (current === undefined) return [`${name}: not measured any more`];
    const isWorse = atLeast ? current < value / TOLERANCE : current > value * TOLERANCE;
    return isWorse ? [`${name}: ${current.toFixed(3)}, was ${value.toFixed(3)}`] : [];
  });
}

module.exports = { compareRatios, ratiosOf, readRatios, writeRatios };
