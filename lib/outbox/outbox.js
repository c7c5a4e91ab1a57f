'use strict';

const { EventEmitter } = require('node:events');
const { abortError } = require('../client/abort-signal.ts');
const { closeTimeout, signalOf } = require('../client/client-options.ts');
const { RefportValidationError, asRefportError, closedError } = require('../client/errors.ts');
const { Operation } = require('../client/operations.ts');
const { checkParams } = require('../client/params.ts');
const { getEngineClient } = require('../client/registry.ts');
const { warnOnce } = require('../client/warn.ts');
const { errorFromFailure } = require('../engine/native/outbox-channel.ts');
const { selectEngine } = require('../engine/select.ts');
const { outboxEntry, parkedEntry } = require('./entry.js');
const { isDeliveryObserved, publishDelivered, publishParked, publishRecorded } = require('./observe.js');
const { entryId, outboxSettings, recordOptions } = require('./options.js');

/**
 * The embedded outbox: src/outbox does the work on a thread of its own.
 * @module
 */

/** Number of the state (src/outbox/entry.rs). */
const PARKED = 2;
/** Entries read at a time. */
const PAGE = 100;

/** Open outboxes work until they are closed, whether or not somebody still holds them. @type {Set<Outbox>} */
const open = new Set();

class Outbox extends EventEmitter {
  #path;
  #channel;
  #wantsDeliveries = false;
  /** @type {Promise<void> | undefined} */
  #closing;

  /**
   * @param {import('../../index.js').Refport} refport
   * @param {import('../../types/outbox.js').OutboxOptions} options
   */
  constructor(refport, options) {
    super();
    const client = engineClient(refport);
    const settings = outboxSettings(options);
    this.#path = settings.path;
    this.#channel = engineOutbox(settings, client, (event) => this.#happened(event));
    // Own functions, so that they can be detached, as those of a client.
    this.track = {
      lead: (/** @type {unknown} */ params, /** @type {unknown} */ options) => this.#record('lead', params, options),
      sale: (/** @type {unknown} */ params, /** @type {unknown} */ options) => this.#record('sale', params, options),
    };
    this.on('newListener', (name) => {
      if (name === 'delivered') this.#wantDeliveries();
    });
    if (isDeliveryObserved()) this.#wantDeliveries();
    open.add(this);
  }

  async *parked() {
    let after = 0;
    for (;;) {
      /** @type {import('./entry.js').RawEntry[]} */
      const page = await this.#ask('list', JSON.stringify([PARKED, after, PAGE]));
      for (const raw of page) yield parkedEntry(raw);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      after = last.seq;
    }
  }

  /** @param {string} id */
  async resend(id) {
    return this.#ask('resend', JSON.stringify(entryId(id)));
  }

  /** @param {string} id */
  async discard(id) {
    return this.#ask('discard', JSON.stringify(entryId(id)));
  }

  async stats() {
    const stats = await this.#ask('stats');
    return { ...stats, oldest: stats.oldest === null ? null : new Date(stats.oldest) };
  }

  /** @param {{ signal?: unknown }} [options] */
  async drained(options = {}) {
    const signal = signalOf(options);
    if (signal?.aborted) throw abortError(signal);
    if (this.#closing) throw closedError('outbox');
    await this.#channel.send('drained', '', '', signal);
  }

  /** @param {{ timeout?: unknown }} [options] */
  close(options = {}) {
    this.#closing ??= this.#close(options);
    return this.#closing;
  }

  [Symbol.asyncDispose]() {
    return this.close();
  }

  /** @param {{ timeout?: unknown }} options */
  async #close(options) {
    await this.#channel.send('close', String(closeTimeout(options)));
    open.delete(this);
  }

  /**
   * @param {'lead' | 'sale'} call
   * @param {unknown} params
   * @param {unknown} options
   * @returns {Promise<import('../../types/outbox.js').Recorded>}
   */
  async #record(call, params, options) {
    if (this.#closing) throw closedError('outbox');
    if (!this.#wantsDeliveries && isDeliveryObserved()) this.#wantDeliveries();
    const recorded = await this.#channel.send(call, ...argumentsOf(call, params, options));
    publishRecorded(call, recorded);
    return recorded;
  }

  /**
   * @param {string} command
   * @param {string} [argument]
   */
  async #ask(command, argument = '') {
    if (this.#closing) throw closedError('outbox');
    return this.#channel.send(command, argument);
  }

  #wantDeliveries() {
    this.#wantsDeliveries = true;
    this.#channel.wantDeliveries(true);
  }

  /** @param {any} event as src/bridge/outbox/text.rs writes it */
  #happened(event) {
    switch (event.type) {
      case 'delivered': {
        const entry = outboxEntry(event.entry);
        publishDelivered(entry);
        this.emit('delivered', entry, event.response);
        break;
      }
      case 'parked': {
        const entry = parkedEntry(event.entry);
        publishParked(entry);
        this.emit('parked', entry, entry.error);
        break;
      }
      case 'paused':
        this.emit('paused', { error: errorFromFailure(event.error), until: new Date(event.until) });
        break;
      case 'resumed':
        this.emit('resumed');
        break;
      case 'otherKey':
        warnOnce(
          `The outbox at ${this.#path} was last used with another API key or baseUrl. The ${event.entries} entries in it will be ` +
            'sent with those of this process: right if the key was replaced by another of the same account. If it is the ' +
            'outbox of another account, close it and choose another path.',
          'REFPORT_OUTBOX_KEY',
        );
    }
  }
}

/**
 * @param {unknown} refport
 * @returns {import('../engine/engine.ts').EngineClient}
 */
function engineClient(refport) {
  const client = getEngineClient(refport);
  if (client === undefined) {
    throw new RefportValidationError(
      'refport must be a client: pass what new Refport() returned as the first argument',
    );
  }
  if (selectEngine().openOutbox === undefined) {
    throw new RefportValidationError(
      'refport/outbox needs the native engine, and this process uses fetch. Use refport/outbox/bullmq (Redis) or ' +
        'refport/outbox/pg-boss (Postgres) instead, or let the payment processor send its webhook again',
    );
  }
  return client;
}

/**
 * @param {import('../engine/engine.ts').OutboxSettings} settings
 * @param {import('../engine/engine.ts').EngineClient | undefined} client
 * @param {(event: any) => void} onEvent
 * @returns {any} that of engine.ts
 */
function engineOutbox(settings, client, onEvent) {
  const { openOutbox } = selectEngine();
  if (!openOutbox) throw new Error('this engine has no outbox');
  return openOutbox(settings, client, onEvent);
}

/**
 * Checks what is to be recorded, as a call does.
 * @param {'lead' | 'sale'} call
 * @param {unknown} params
 * @param {unknown} options
 * @returns {[id: string, params: string]} JSON texts
 */
function argumentsOf(call, params, options) {
  try {
    const id = recordOptions(options);
    return [id === undefined ? '' : JSON.stringify(id), checkParams(Operation[call], params).text];
  } catch (error) {
    throw asRefportError(error, 'options cannot be read');
  }
}

module.exports = { Outbox, engineOutbox };
