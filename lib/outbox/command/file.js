'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { Channel } = require('../channel.js');
const { RefportError } = require('../../errors.js');

/**
 * An outbox's file as an operator sees it: read and decided about, without delivering anything. A process that has the
 * file open notices.
 * @module
 */

/** @typedef {import('../entry.js').RawEntry} RawEntry */

/** Numbers of the states (src/outbox/entry.rs). */
const STATES = { pending: 0, sending: 1, parked: 2 };
/** Entries read at a time. */
const PAGE = 500;

class OutboxFile {
  #channel;

  /** @param {string} file */
  constructor(file) {
    if (!fs.existsSync(file)) throw new RefportError(`There is no file ${file}`, { code: 'OUTBOX_FAILED' });
    const settings = { path: path.resolve(file), create: false, concurrency: 1, maxEntries: 1, maxAge: 1 };
    this.#channel = new Channel(settings, undefined, () => {});
  }

  /** @returns {Promise<{ pending: number, sending: number, parked: number, oldest: number | null }>} */
  stats() {
    return this.#channel.send('stats', '');
  }

  /**
   * @param {keyof typeof STATES} [state] all of them if it is not given
   * @returns {AsyncGenerator<RawEntry>}
   */
  async *entries(state) {
    let after = 0;
    for (;;) {
      /** @type {RawEntry[]} */
      const page = await this.#channel.send('list', JSON.stringify([state ? STATES[state] : null, after, PAGE]));
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      after = last.seq;
    }
  }

  /**
   * @param {string} id
   * @returns {Promise<RawEntry | undefined>}
   */
  async find(id) {
    const [entry] = await this.#channel.send('show', JSON.stringify(id));
    return entry;
  }

  /**
   * @param {'resend' | 'discard'} decision
   * @param {string} id
   * @returns {Promise<boolean>} whether there was such a parked entry
   */
  decide(decision, id) {
    return this.#channel.send(decision, JSON.stringify(id));
  }

  /** @returns {Promise<void>} */
  close() {
    return this.#channel.send('close', '0');
  }
}

module.exports = { OutboxFile, STATES };
