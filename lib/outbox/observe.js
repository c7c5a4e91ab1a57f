'use strict';

const { channel } = require('node:diagnostics_channel');

/**
 * Lets others watch an outbox: the channels `refport:outbox:recorded`, `:delivered` and `:parked`. Like those of calls
 * (lib/observe.js) they never carry the API key, parameters or responses.
 * @module
 */

const recorded = channel('refport:outbox:recorded');
const delivered = channel('refport:outbox:delivered');
const parked = channel('refport:outbox:parked');

/** @param {import('../../types/outbox.js').OutboxEntry} entry */
const about = ({ id, call, attempts, recordedAt }) => ({
  id,
  call,
  attempts,
  recordedAt,
  waited: Math.max(0, Date.now() - recordedAt.getTime()),
});

/**
 * @param {'lead' | 'sale'} call
 * @param {import('../../types/outbox.js').Recorded} result
 */
function publishRecorded(call, { id, duplicate }) {
  if (recorded.hasSubscribers) recorded.publish({ id, call, duplicate });
}

/** @param {import('../../types/outbox.js').OutboxEntry} entry */
function publishDelivered(entry) {
  if (delivered.hasSubscribers) delivered.publish(about(entry));
}

/** @param {import('../../types/outbox.js').ParkedEntry} entry */
function publishParked(entry) {
  if (!parked.hasSubscribers) return;
  parked.publish({ ...about(entry), reason: entry.reason, code: entry.error?.code, status: entry.error?.status });
}

/** Whether anybody watches deliveries. */
const isDeliveryObserved = () => delivered.hasSubscribers;

module.exports = { isDeliveryObserved, publishDelivered, publishParked, publishRecorded };
