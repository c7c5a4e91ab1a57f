'use strict';

const { engine } = require('#engine');
const { batch } = require('../batch.js');
const { RefportError, reasonOf } = require('../errors.js');
const { errorFromFailure } = require('./failures.js');

/**
 * The way to the thread of an outbox: commands given in one turn of the event loop leave together, and replies and events
 * come back in batches. src/bridge/outbox/mod.rs describes the texts.
 * @module
 */

/** Kinds of src/bridge/outbox/mod.rs. */
const SUCCESS = 1;
const EVENT = 2;
const END = 3;

/** Members of a message. */
const FIELDS = 3;

/** No timer, which fake timers would replace. */
const resolved = Promise.resolve();

/**
 * A command without a reply.
 * @typedef {{ resolve: (value: any) => void, reject: (error: unknown) => void }} Slot
 */

class Channel {
  /** @type {import('../engine/engine').EngineOutbox} */
  #native;
  #onEvent;
  /** @type {Map<number, Slot>} */
  #slots = new Map();
  #lastToken = 0;
  #batch = batch(
    (text, count) => this.#native.submit(text, count),
    (token, cause) => this.#refuse(token, cause),
  );
  // The addon holds it only while a command waits for its reply.
  #settle = (/** @type {string} */ text) => this.#receive(text);

  /**
   * @param {import('../engine/engine').OutboxSettings} settings
   * @param {import('../engine/engine').EngineClient | undefined} client without one nothing is delivered
   * @param {(event: any) => void} onEvent
   */
  constructor(settings, client, onEvent) {
    const { openOutbox } = engine();
    if (!openOutbox) throw new Error('this engine has no outbox');
    this.#onEvent = onEvent;
    this.#native = openOutbox(settings, client, this.#settle);
  }

  /**
   * Gives a command.
   * @param {string} name
   * @param {string} argument JSON text or empty
   * @param {string} [params] JSON text
   * @returns {Promise<any> & { cancel?: () => void }}
   */
  send(name, argument, params = '') {
    return new Promise((resolve, reject) => {
      this.#add({ resolve, reject }, name, argument, params);
    });
  }

  /**
   * Gives a command whose reply may be given up.
   * @param {string} name
   * @returns {{ reply: Promise<any>, cancel: () => void }}
   */
  sendCancelable(name) {
    let token = 0;
    const reply = new Promise((resolve, reject) => {
      token = this.#add({ resolve, reject }, name, '', '');
    });
    const cancel = () => {
      this.#batch.flush();
      this.#native.cancel(token);
    };
    return { reply, cancel };
  }

  /** @param {boolean} wanted whether to tell of deliveries */
  wantDeliveries(wanted) {
    this.#native.wantDeliveries(wanted);
  }

  /**
   * @param {Slot} slot
   * @param {string} name
   * @param {string} argument
   * @param {string} params
   */
  #add(slot, name, argument, params) {
    // Numbers of commands are 32 bits wide there, and 0 stands for events.
    do this.#lastToken = (this.#lastToken + 1) >>> 0;
    while (this.#lastToken === 0 || this.#slots.has(this.#lastToken));
    const token = this.#lastToken;
    this.#slots.set(token, slot);
    this.#batch.add(token, `\t${name}\t${argument}\t${params}\n`);
    return token;
  }

  /** @param {string} text */
  #receive(text) {
    const messages = JSON.parse(text);
    for (let i = 0; i < messages.length; i += FIELDS) {
      const [token, kind, payload] = [messages[i], messages[i + 1], messages[i + 2]];
      if (kind === EVENT) {
        // What a listener throws is its own affair, and must not keep others from their replies.
        resolved.then(() => this.#onEvent(payload));
        continue;
      }
      if (kind === END) {
        for (const { reject } of this.#slots.values()) reject(errorFromFailure(payload));
        this.#slots.clear();
        continue;
      }
      const slot = this.#slots.get(token);
      this.#slots.delete(token);
      if (kind === SUCCESS) slot?.resolve(payload);
      else slot?.reject(errorFromFailure(payload));
    }
  }

  /**
   * Rejects a command that could not be handed over.
   * @param {number} token
   * @param {unknown} cause
   */
  #refuse(token, cause) {
    const message = `The outbox could not be told: ${reasonOf(cause)}`;
    this.#slots.get(token)?.reject(new RefportError(message, { code: 'INTERNAL_ERROR', cause }));
    this.#slots.delete(token);
  }
}

module.exports = { Channel };
