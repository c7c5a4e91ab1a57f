'use strict';

// After crashes: delivers what is left, and says what should not be.

const { Refport } = require('refport');
const { Outbox } = require('refport/outbox');
const { API_KEY } = require('./refport-client.js');

/**
 * @param {InstanceType<typeof import('./crash-api.js').CrashApi>} api
 * @param {string} file
 * @param {Set<string>} recorded names of the conversions that were recorded for sure
 * @returns {Promise<{ problems: string[], parked: number }>}
 */
async function examine(api, file, recorded) {
  api.isHealthy = true;
  const outbox = new Outbox(new Refport({ apiKey: API_KEY, baseUrl: api.url }), { path: file });
  await outbox.drained({ signal: AbortSignal.timeout(60_000) });
  /** @type {Map<string, string>} */
  const parked = new Map();
  for await (const { params, reason } of outbox.parked()) {
    parked.set(/** @type {any} */ (params.metadata).name, reason);
  }
  await outbox.close();
  const problems = [];
  for (const name of recorded) {
    if (!api.counts.has(name) && !parked.has(name)) problems.push(`${name} is lost`);
  }
  for (const [name, count] of api.counts) {
    if (count > 1) problems.push(`${name} was counted ${count} times`);
  }
  for (const [name, reason] of parked) {
    if (name.startsWith('invoice')) problems.push(`${name} is parked as ${reason}`);
    if (reason !== 'ambiguous') problems.push(`${name} is parked as ${reason}`);
  }
  for (const [customer, order] of api.orders) {
    if (order.some((number, i) => i > 0 && number < order[i - 1])) problems.push(`${customer}: ${order}`);
  }
  return { problems, parked: parked.size };
}

module.exports = { examine };
