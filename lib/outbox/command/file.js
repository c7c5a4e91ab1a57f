'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { RefportError } = require('../../client/errors.ts');
const { outboxEntry } = require('../entry.js');
const { errorFromFailure } = require('../../engine/native/outbox-channel.ts');
const { engineOutbox } = require('../outbox.js');
const { toStored } = require('../stored-error.js');

/**
 * An outbox's file as an operator sees it: read and decided about, without delivering anything. A process that has the
 * file open notices.
 * @module
 */

/**
 * @typedef {import('../entry.js').RawEntry} RawEntry
 * @typedef {import('../entry.js').EntryState} EntryState
 * @typedef {import('../entry.js').ListedEntry} ListedEntry
 */

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
    this.#channel = engineOutbox(settings, undefined, () => {});
  }

  /** @returns {Promise<import('../../../types/outbox.js').OutboxStats>} */
  async stats() {
    const stats = await this.#channel.send('stats', '');
    return { ...stats, oldest: stats.oldest === null ? null : new Date(stats.oldest) };
  }

  /**
   * @param {EntryState} [state] all of them if it is not given
   * @returns {AsyncGenerator<ListedEntry>}
   */
  async *entries(state) {
    let after = 0;
    for (;;) {
      /** @type {RawEntry[]} */
      const page = await this.#channel.send('list', JSON.stringify([state ? STATES[state] : null, after, PAGE]));
      yield* page.map(listedEntry);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      after = last.seq;
    }
  }

  /**
   * @param {string} id
   * @returns {Promise<ListedEntry | undefined>}
   */
  async find(id) {
    /** @type {RawEntry[]} */
    const [entry] = await this.#channel.send('show', JSON.stringify(id));
    return entry && listedEntry(entry);
  }

  /**
   * @param {string} id
   * @returns {Promise<boolean>} whether there was such a parked entry
   */
  resend(id) {
    return this.#channel.send('resend', JSON.stringify(id));
  }

  /**
   * @param {string} id
   * @returns {Promise<boolean>} whether there was such a parked entry
   */
  discard(id) {
    return this.#channel.send('discard', JSON.stringify(id));
  }

  /** @returns {Promise<void>} */
  close() {
    return this.#channel.send('close', '0');
  }
}

/**
 * @param {RawEntry} raw
 * @returns {ListedEntry}
 */
function listedEntry(raw) {
  const error = raw.error === null ? null : toStored(errorFromFailure(raw.error));
  return { ...outboxEntry(raw), state: raw.state, reason: raw.reason, error };
}

module.exports = { OutboxFile };
