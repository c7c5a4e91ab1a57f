'use strict';

const { Events } = require('./events.js');
const { Faults } = require('./faults.js');
const { createRandom } = require('./random.js');
const { Recorder } = require('./recorder.js');
const { State } = require('./state.js');
const { Waiting } = require('./waiting.js');

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
  /** Counts resets. What began in an earlier epoch must not leave traces in this one. */
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

  /** @param {import('./state.js').Effect} effect */
  announce({ click, lead, sale, token }) {
    if (click) this.events.emit({ type: 'click', click });
    if (lead) this.events.emit({ type: 'lead', lead });
    if (sale) this.events.emit({ type: 'sale', sale });
    if (token) this.events.emit({ type: 'token', token });
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
    this.events.emit({ type: 'reset' });
  }

  close() {
    this.epoch += 1;
    this.waiting.close();
  }
}

exports.Core = Core;
