'use strict';

const { Core } = require('./core.js');
const { exchange } = require('./request-handler.js');
const { Journal } = require('./records/journal.js');
const { Listener } = require('./http/listener.js');
const { readClick, readOptions } = require('./options.js');

/**
 * @typedef {import('../types/testing.js').Sandbox} SandboxApi
 * @typedef {import('../types/testing.js').SandboxOptions} SandboxOptions
 * @typedef {import('../types/testing.js').WaitOptions} WaitOptions
 */

/** @implements {SandboxApi} */
class Sandbox {
  #core;
  #listener;
  /** @type {Promise<void> | undefined} */
  #closed;

  /**
   * @param {Core} core
   * @param {Listener} listener
   */
  constructor(core, listener) {
    this.#core = core;
    this.#listener = listener;
  }

  get url() {
    return this.#core.url;
  }

  get apiKey() {
    return /** @type {string} */ (this.#core.settings.apiKeys[0]);
  }

  get clickId() {
    return this.clicks.find((click) => click.link)?.id ?? '';
  }

  get ca() {
    return this.#listener.ca;
  }

  get clicks() {
    return this.#core.state.clicks;
  }

  get requests() {
    return this.#core.recorder.requests;
  }

  get leads() {
    return this.#core.state.leads;
  }

  get sales() {
    return this.#core.state.sales;
  }

  get tokens() {
    return this.#core.state.tokens;
  }

  get faults() {
    return this.#core.faults.list;
  }

  /** @param {string | import('../types/testing.js').SandboxClickInput} input */
  addClick(input) {
    const click = this.#core.state.addClick(readClick('click', input));
    this.#core.keep({ click });
    return click;
  }

  /** @param {import('../types/testing.js').FailOptions} [options] */
  fail(options) {
    return this.#core.faults.add('fail', options);
  }

  /** @param {import('../types/testing.js').DropOptions} [options] */
  drop(options) {
    return this.#core.faults.add('drop', options);
  }

  /** @param {import('../types/testing.js').DelayOptions} options */
  delay(options) {
    return this.#core.faults.add('delay', options);
  }

  /** @param {import('../types/testing.js').ReplyOptions} [options] */
  reply(options) {
    return this.#core.faults.add('reply', options);
  }

  clearFaults() {
    this.#core.faults.clear();
  }

  /**
   * @param {(request: import('../types/testing.js').SandboxRequest) => boolean} [predicate]
   * @param {WaitOptions} [options]
   */
  waitForRequest(predicate, options) {
    return this.#core.waiting.wait('request', this.requests, predicate, options);
  }

  /**
   * @param {(lead: import('../types/testing.js').SandboxLead) => boolean} [predicate]
   * @param {WaitOptions} [options]
   */
  waitForLead(predicate, options) {
    return this.#core.waiting.wait('lead', this.leads, predicate, options);
  }

  /**
   * @param {(sale: import('../types/testing.js').SandboxSale) => boolean} [predicate]
   * @param {WaitOptions} [options]
   */
  waitForSale(predicate, options) {
    return this.#core.waiting.wait('sale', this.sales, predicate, options);
  }

  /**
   * @param {(token: import('../types/testing.js').SandboxToken) => boolean} [predicate]
   * @param {WaitOptions} [options]
   */
  waitForToken(predicate, options) {
    return this.#core.waiting.wait('token', this.tokens, predicate, options);
  }

  /** @param {(event: import('../types/testing.js').SandboxEvent) => void} listener */
  subscribe(listener) {
    return this.#core.events.subscribe(listener);
  }

  reset() {
    this.#core.reset();
  }

  close() {
    this.#closed ??= Promise.all([this.#core.close(), this.#listener.close()]).then(() => {});
    return this.#closed;
  }

  async [Symbol.asyncDispose]() {
    await this.close();
  }
}

/**
 * @param {SandboxOptions} [options]
 * @returns {Promise<SandboxApi>}
 */
async function createSandbox(options) {
  const settings = readOptions(options);
  const core = new Core(settings);
  const listener = new Listener(settings, (req, res) => exchange(core, listener, req, res));
  if (settings.data !== undefined) {
    const { journal, entries } = await Journal.open(settings.data);
    core.journal = journal;
    core.restore(entries);
  }
  try {
    core.url = await listener.listen(settings.port);
  } catch (error) {
    await core.close();
    throw error;
  }
  return new Sandbox(core, listener);
}

exports.createSandbox = createSandbox;
