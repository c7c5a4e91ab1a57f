'use strict';

const { RefportError, RefportValidationError } = require('../../../client/errors.ts');
const { checkOptions, optionalText } = require('../options.js');
const { requirePeer } = require('../peer.js');
const { QueueOutbox } = require('../queue-outbox.js');
const { BullStore, QUEUE } = require('./store.js');
const { BullWorker } = require('./worker.js');

/**
 * The outbox on BullMQ and Redis.
 * @module
 */

/** BullMQ's own default. */
const PREFIX = 'bull';
/** The longest wait before connecting again, in milliseconds. */
const MAX_RECONNECT = 2000;
/** After so long without an answer the connection counts as lost, in milliseconds. A worker asks for jobs for up to 10 s. */
const SOCKET_TIMEOUT = 15_000;

class BullOutbox extends QueueOutbox {
  /**
   * @param {unknown} refport
   * @param {any} options
   */
  constructor(refport, options) {
    const checked = checkOptions(refport, options, ['connection', 'prefix'], 'BullOutbox');
    const { connection } = options;
    if (typeof connection !== 'object' || connection === null) {
      throw new RefportValidationError(
        'connection must be options for Redis such as { url: "redis://…" }, or a client',
      );
    }
    const prefix = optionalText('prefix', options.prefix) ?? PREFIX;
    const bullmq = requireBullmq();
    super({ ...checked, recordOptions: [] }, (emit) => {
      let isClosed = false;
      const lasting = isOptions(connection) ? untilClosed(connection, () => isClosed) : connection;
      const queue = new bullmq.Queue(QUEUE, { connection: lasting, prefix });
      const worker = checked.delivers
        ? new BullWorker({ bullmq, queue, connection: lasting, prefix, options: checked, emit })
        : undefined;
      return new BullStore(queue, worker, () => {
        isClosed = true;
      });
    });
  }
}

/** Whether it is not a client. @param {object} connection */
const isOptions = (connection) => [Object.prototype, null].includes(Object.getPrototypeOf(connection));

/**
 * Has ioredis notice when Redis is silent, and connect again until the outbox is closed, not longer: it would keep the
 * process alive.
 * @param {{ retryStrategy?: (times: number) => number }} connection
 * @param {() => boolean} isClosed
 */
function untilClosed(connection, isClosed) {
  const { retryStrategy = (times) => Math.min(times * 100, MAX_RECONNECT) } = connection;
  return {
    socketTimeout: SOCKET_TIMEOUT,
    ...connection,
    retryStrategy: (/** @type {number} */ times) => (isClosed() ? null : retryStrategy(times)),
  };
}

/**
 * The entries as an operator works with them, where an outbox has kept some.
 * @param {string} url
 * @param {string} [prefix]
 */
async function openBullStore(url, prefix = PREFIX) {
  // Whoever asks once wants to know at once that Redis is away.
  const connection = { url, retryStrategy: () => null };
  const queue = new (requireBullmq().Queue)(QUEUE, { connection, prefix, skipMetasUpdate: true });
  const store = new BullStore(queue, undefined, () => {});
  try {
    await queue.waitUntilReady();
    if ((await queue.getVersion()) !== null) return store;
    throw new RefportError(`There is no outbox with the prefix ${prefix}`, { code: 'OUTBOX_FAILED' });
  } catch (error) {
    await store.close(0);
    throw error;
  }
}

/** @returns {typeof import('bullmq')} */
function requireBullmq() {
  return requirePeer('refport/outbox/bullmq', 'bullmq ioredis', () => require('bullmq'));
}

module.exports = { BullOutbox, openBullStore };
