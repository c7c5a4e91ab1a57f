'use strict';

/** @typedef {import('./rounds.js').Sample} Sample */

/**
 * @param {number[]} values
 */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * The median of every figure over the rounds.
 * @param {Sample[]} samples
 * @returns {Sample}
 */
function medians(samples) {
  const names = Object.keys(samples[0]);
  return Object.fromEntries(names.map((name) => [name, median(samples.map((sample) => sample[name]))]));
}

/**
 * How far the rounds lie apart: (highest − lowest) / median.
 * @param {Sample[]} samples
 * @param {string} figure
 */
function spread(samples, figure) {
  const values = samples.map((sample) => sample[figure]);
  return (Math.max(...values) - Math.min(...values)) / median(values);
}

module.exports = { median, medians, spread };
