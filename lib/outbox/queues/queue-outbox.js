'use strict';

const { EventEmitter } = require('node:events');
const { setTimeout: sleep } = require('node:timers/promises');
const { abortError } = require('../../client/abort-signal.ts');
const { closeTimeout, signalOf } = require('../../client/client-options.ts');
const { RefportValidationError, asRefportError, closedError } = require('../../client/errors.ts');
const { publishDelivered, publishParked, publishRecorded } = require('../observe.js');
const { entryId } = require('../outbox-options.ts');
const { conversionOf } = require('./conversion.js');
const { recordOptions } = require('./options.js');
const { eachFailsAsStore, failsAsStore } = require('./store-error.js');

/**
 * What the outboxes on queues have in common: everything but the store.
 * @module
 */

const DRAINED_POLL = 100;

/**
 * @typedef {object} Store
 * @property {(conversion: import('./conversion.js').Conversion, options: any) => Promise<boolean>} add
 * resolves when it is stored, with whether its id was there before
 * @property {() => AsyncIterable<import('../../../types/outbox.js').ParkedEntry>} parked
 * @property {(id: string) => Promise<boolean>} resend
 * @property {(id: string) => Promise<boolean>} discard
 * @property {() => Promise<Omit<import('../../../types/outbox.js').OutboxStats, 'held' | 'foreign'>>} stats
 * @property {(timeout: number) => Promise<void>} close
 */

/** @typedef {(event: string, ...args: any[]) => void} Emit */

class QueueOutbox extends EventEmitter {
  /** @type {Store} */
  #store;
  #settings;
  /** @type {Promise<void> | undefined} */
  #closed;

  /**
   * @param {{ records: boolean, recordOptions: readonly string[] }} settings
   * @param {(emit: Emit) => Store} open
   */
  constructor(settings, open) {
    super();
    this.#settings = settings;
    this.#store = open((event, ...args) => {
      if (event === 'delivered') publishDelivered(args[0]);
      if (event === 'parked') publishParked(args[0]);
      this.emit(event, ...args);
    });
    // Own functions, so that they can be detached, as those of a client.
    this.track = {
      lead: (/** @type {unknown} */ params, /** @type {unknown} */ options) => this.#record('lead', params, options),
      sale: (/** @type {unknown} */ params, /** @type {unknown} */ options) => this.#record('sale', params, options),
    };
  }

  /**
   * @param {'lead' | 'sale'} call
   * @param {unknown} params
   * @param {unknown} options
   * @returns {Promise<import('../../../types/outbox.js').Recorded>}
   */
  async #record(call, params, options) {
    this.#assertOpen();
    if (!this.#settings.records) {
      throw new RefportValidationError("An outbox with the role 'worker' records nothing: give it the role 'both'");
    }
    const [conversion, checked] = this.#checked(call, params, options);
    const recorded = { id: conversion.id, duplicate: await failsAsStore(this.#store.add(conversion, checked)) };
    publishRecorded(call, recorded);
    return recorded;
  }

  /**
   * @param {'lead' | 'sale'} call
   * @param {unknown} params
   * @param {unknown} options
   */
  #checked(call, params, options) {
    try {
      const checked = recordOptions(options, this.#settings.recordOptions);
      return /** @type {const} */ ([conversionOf(call, params, checked.id), checked]);
    } catch (error) {
      throw asRefportError(error, 'options cannot be read');
    }
  }

  async *parked() {
    this.#assertOpen();
    yield* eachFailsAsStore(this.#store.parked());
  }

  /** @param {string} id */
  async resend(id) {
    this.#assertOpen();
    return failsAsStore(this.#store.resend(entryId(id)));
  }

  /** @param {string} id */
  async discard(id) {
    this.#assertOpen();
    return failsAsStore(this.#store.discard(entryId(id)));
  }

  async stats() {
    this.#assertOpen();
    return { held: 0, foreign: 0, ...(await failsAsStore(this.#store.stats())) };
  }

  /** @param {{ signal?: import('../../../index.js').AbortSignalLike | null }} [options] */
  async drained(options) {
    const signal = signalOf(options ?? {});
    for (;;) {
      const { pending, sending } = await this.stats();
      if (pending + sending === 0) return;
      if (signal?.aborted) throw abortError(signal);
      await sleep(DRAINED_POLL);
    }
  }

  /** @param {{ timeout?: unknown }} [options] */
  close(options) {
    this.#closed ??= this.#store.close(closeTimeout(options));
    return this.#closed;
  }

  [Symbol.asyncDispose]() {
    return this.close();
  }

  #assertOpen() {
    if (this.#closed) throw closedError('outbox');
  }
}

module.exports = { QueueOutbox };
