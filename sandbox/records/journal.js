'use strict';

const fs = require('node:fs/promises');
const path = require('node:path');
const { SandboxError } = require('../errors.js');
const { redact } = require('./redaction.js');

/**
 * @typedef {import('../api/state.js').Effect} Effect
 * @typedef {Effect & { request?: import('../../types/testing.js').SandboxRequest }} Entry what one line holds
 */

/** The first line, so that no other file is ever taken for a data file and emptied. */
const HEADER = '{"refport-sandbox":1}\n';
const DATES = ['at', 'expires'];

/** A file that is only ever appended to, a line of JSON for everything that happened. */
class Journal {
  #handle;
  /** @type {string[]} */
  #waiting = [];
  #empty = false;
  /** @type {Promise<void>} */
  #flushed = Promise.resolve();
  #scheduled = false;

  /** @param {fs.FileHandle} handle */
  constructor(handle) {
    this.#handle = handle;
  }

  /**
   * Opens the file, makes it if there is none, and cuts off a last line that a crash left incomplete.
   *
   * @param {string} file
   * @returns {Promise<{ journal: Journal, entries: Entry[] }>}
   * @throws {SandboxError} if the file is something else, or damaged
   */
  static async open(file) {
    const handle = await fs.open(file, 'a+');
    try {
      const text = await handle.readFile('utf8');
      const complete = text.slice(0, text.lastIndexOf('\n') + 1);
      if (complete === '' && HEADER.startsWith(text)) {
        await handle.truncate(0);
        await handle.appendFile(HEADER);
        await handle.sync();
        await syncFolder(path.dirname(path.resolve(file)));
        return { journal: new Journal(handle), entries: [] };
      }
      const entries = parse(complete, file);
      if (complete.length < text.length) await handle.truncate(Buffer.byteLength(complete));
      return { journal: new Journal(handle), entries };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /**
   * @param {Entry} entry
   * @returns {Promise<void>} settled once the entry, and all before it, are on the disk
   */
  append({ request, ...effect }) {
    const shown = request && { ...request, headers: redact(request.headers), json: undefined };
    this.#waiting.push(`${JSON.stringify({ ...effect, ...(shown && { request: shown }) })}\n`);
    return this.#schedule();
  }

  /** Empties the file. */
  clear() {
    this.#waiting.length = 0;
    this.#empty = true;
    return this.#schedule();
  }

  async close() {
    await this.#flushed.catch(() => {});
    await this.#handle.close();
  }

  /** What is appended while the disk is busy is written at once afterwards. */
  #schedule() {
    if (!this.#scheduled) {
      this.#scheduled = true;
      this.#flushed = this.#flushed.then(() => this.#flush());
      // Whoever appended is told; clear() and a click by hand have nobody to tell, and the next append fails too.
      this.#flushed.catch(() => {});
    }
    return this.#flushed;
  }

  async #flush() {
    // A request comes with what it changed: both within one turn of the event loop, and in one write.
    await new Promise((resolve) => setImmediate(resolve));
    const lines = this.#waiting.splice(0).join('');
    const empty = this.#empty;
    this.#scheduled = false;
    this.#empty = false;
    if (empty) await this.#handle.truncate(HEADER.length);
    await this.#handle.appendFile(lines);
    await this.#handle.datasync();
  }
}

/**
 * @param {string} text
 * @param {string} file
 * @returns {Entry[]}
 */
function parse(text, file) {
  if (!text.startsWith(HEADER)) {
    throw new SandboxError('INVALID_OPTION', `data: ${file} exists and is no data file of the sandbox`);
  }
  const lines = text.slice(HEADER.length).split('\n').slice(0, -1);
  return lines.map((line, index) => {
    try {
      return revive(JSON.parse(line));
    } catch {
      throw new SandboxError('INVALID_OPTION', `data: line ${index + 2} of ${file} is damaged`);
    }
  });
}

/**
 * @param {Record<string, Record<string, unknown>>} entry as it comes from JSON
 * @returns {Entry}
 */
function revive(entry) {
  for (const item of Object.values(entry)) {
    for (const field of DATES) if (field in item) item[field] = new Date(String(item[field]));
  }
  return entry;
}

/**
 * A new file is safe only once its folder is. Windows cannot do that, and need not.
 *
 * @param {string} folder
 */
async function syncFolder(folder) {
  if (process.platform === 'win32') return;
  const handle = await fs.open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

exports.Journal = Journal;
