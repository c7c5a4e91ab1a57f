'use strict';

const { Events } = require('./records/events.js');
const { Faults } = require('./faults/faults.js');
const { createRandom } = require('./random.js');
const { Recorder } = require('./records/request-log.js');
const { State } = require('./api/state.js');
const { Waiting } = require('./records/waiting.js');

/** @typedef {import('../types/testing.js').SandboxRequest} SandboxRequest */

/** The parts of one sandbox, for those who answer requests. */
class Core {
  settings;
  events = new Events();
  waiting = new Waiting(this.events);
  state;
  recorder;
  random;
  faults;
  /** Address, once the sandbox listens. */
  url = '';
  /**
   * The data file, if there is one.
   *
   * @type {import('./records/journal.js').Journal | undefined}
   */
  journal;
  /**
   * What the dashboard reads, once somebody has opened it.
   *
   * @type {import('./dashboard/event-stream.js').Feed | undefined}
   */
  feed;
  /** Counts resets: a request that began before one must not change the state after it. */
  epoch = 0;
  /**
   * Requests whose answer is not on its way yet, each as the function that cuts it off.
   *
   * @type {Set<() => void>}
   */
  underWay = new Set();

  /** @param {import('./options.js').Settings} settings */
  constructor(settings) {
    this.settings = settings;
    this.state = new State(settings);
    this.recorder = new Recorder(this.events, settings.maxRequests);
    this.random = createRandom(settings.seed);
    this.faults = new Faults(this.random, () => this.events.emit({ type: 'faults', faults: this.faults.list }));
  }

  /**
   * Tells everybody what has changed, and the data file.
   *
   * @param {import('./api/state.js').Effect} effect
   */
  keep(effect) {
    const { click, lead, sale, token } = effect;
    this.journal?.append(effect);
    if (click) this.events.emit({ type: 'click', click });
    if (lead) this.events.emit({ type: 'lead', lead });
    if (sale) this.events.emit({ type: 'sale', sale });
    if (token) this.events.emit({ type: 'token', token });
  }

  /**
   * @param {SandboxRequest} request
   * @param {import('./records/request-log.js').End} end
   * @returns {Promise<string | undefined>} why it could not be kept
   */
  async keepRequest(request, end) {
    try {
      await this.journal?.append({ request: { ...request, ...end } });
      return undefined;
    } catch (error) {
      return `The data file cannot be written: ${error instanceof Error ? error.message : error}`;
    }
  }

  /**
   * The client of a request has left.
   *
   * @param {SandboxRequest} request
   */
  giveUp(request) {
    const end = { outcome: /** @type {const} */ ('aborted'), response: null, duration: this.recorder.elapsed(request) };
    this.keepRequest(request, end);
    this.recorder.finish(request, end);
  }

  /**
   * Restores the state from the data file.
   *
   * @param {import('./records/journal.js').Entry[]} entries
   */
  restore(entries) {
    for (const { request, ...effect } of entries) {
      if (request) this.recorder.restore(request);
      if (!effect.click || !this.state.findClick(effect.click.id)) this.state.apply(effect);
    }
  }

  /** How many milliseconds the next call takes. */
  pickLatency() {
    const [lowest, highest] = this.settings.latency;
    return lowest === highest ? lowest : lowest + this.random() * (highest - lowest);
  }

  reset() {
    this.epoch += 1;
    this.faults.clear();
    this.state.clear();
    this.recorder.clear();
    this.waiting.reset();
    for (const cut of this.underWay) cut();
    this.underWay.clear();
    this.journal?.clear();
    this.events.emit({ type: 'reset' });
  }

  async close() {
    this.epoch += 1;
    this.waiting.close();
    this.feed?.close();
    await this.journal?.close();
  }
}

exports.Core = Core;
