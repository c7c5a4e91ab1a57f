'use strict';

/** @typedef {import('../outbox.js').Row} Row */

const { median } = require('../statistics.js');

const count = (/** @type {number} */ value) => Math.round(value).toLocaleString('en-US');
const ratio = (/** @type {number} */ value) => value.toFixed(2);

/** @param {string} figure @param {number[]} values @param {number} [goal] @param {(value: number) => string} [format] @returns {Row} */
function atLeast(figure, values, goal, format = count) {
  const value = median(values);
  if (goal === undefined) return { figure, measured: format(value) };
  return { figure, measured: format(value), goal: `≥ ${format(goal)}`, met: value >= goal };
}

/** @param {string} figure @param {number[]} values @param {number} [goal] @param {(value: number) => string} [format] @returns {Row} */
function atMost(figure, values, goal, format = (value) => value.toFixed(1)) {
  const value = median(values);
  if (goal === undefined) return { figure, measured: format(value) };
  return { figure, measured: format(value), goal: `≤ ${goal}`, met: value <= goal };
}

module.exports = { atLeast, atMost, count, ratio };
