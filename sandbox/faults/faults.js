'use strict';

const { isCall } = require('../api/endpoints.js');
const { readFault } = require('./options.js');

/**
 * @typedef {import('../../types/testing.js').Fault} Fault
 * @typedef {import('../../types/testing.js').FaultKind} FaultKind
 * @typedef {import('../../types/testing.js').SandboxCall} SandboxCall
 * @typedef {import('./options.js').FaultSettings} FaultSettings
 *
 * @typedef {object} Plan what the faults do to one call
 * @property {FaultKind[]} kinds
 * @property {number} before milliseconds to wait before the call takes effect
 * @property {number} after milliseconds to wait before it is answered
 * @property {FaultSettings | undefined} end the fault that takes the place of the answer
 */

/** @implements {Fault} */
class ProgrammedFault {
  hits = 0;
  remaining;
  #settings;
  #enabled;
  #faults;

  /**
   * @param {number} id
   * @param {FaultSettings} settings
   * @param {Faults} faults
   */
  constructor(id, settings, faults) {
    this.id = id;
    this.remaining = settings.times;
    this.#settings = settings;
    this.#enabled = settings.enabled;
    this.#faults = faults;
  }

  get kind() {
    return this.#settings.kind;
  }

  get on() {
    return this.#settings.on;
  }

  get enabled() {
    return this.#enabled;
  }

  get description() {
    return this.#settings.description;
  }

  enable() {
    this.#enabled = true;
    this.#faults.changed();
  }

  disable() {
    this.#enabled = false;
    this.#faults.changed();
  }

  remove() {
    this.#faults.remove(this);
  }

  /**
   * @param {SandboxCall} call
   * @param {() => number} random
   * @returns {FaultSettings | undefined} what to do, if the call is hit
   */
  strike(call, random) {
    const { on, probability } = this.#settings;
    if (!this.#enabled || (on !== 'any' && on !== call)) return undefined;
    if (probability < 1 && random() >= probability) return undefined;
    this.hits += 1;
    this.remaining -= 1;
    if (this.remaining === 0) this.remove();
    else this.#faults.changed();
    return this.#settings;
  }

  toJSON() {
    const { id, kind, on, hits, enabled, description, remaining } = this;
    return { id, kind, on, hits, enabled, description, remaining: remaining === Infinity ? null : remaining };
  }
}

/** The faults that are programmed, in order. */
class Faults {
  /** @type {ProgrammedFault[]} */
  list = [];
  #lastId = 0;
  #random;
  #onChange;

  /**
   * @param {() => number} random
   * @param {() => void} onChange
   */
  constructor(random, onChange) {
    this.#random = random;
    this.#onChange = onChange;
  }

  /**
   * @param {FaultKind} kind
   * @param {unknown} options
   * @returns {Fault}
   */
  add(kind, options) {
    const settings = readFault(kind, options);
    this.#lastId += 1;
    const fault = new ProgrammedFault(this.#lastId, settings, this);
    this.list.push(fault);
    this.changed();
    return fault;
  }

  /** @param {ProgrammedFault} fault */
  remove(fault) {
    const index = this.list.indexOf(fault);
    if (index === -1) return;
    this.list.splice(index, 1);
    this.changed();
  }

  clear() {
    if (this.list.length === 0) return;
    this.list.length = 0;
    this.changed();
  }

  changed() {
    this.#onChange();
  }

  /**
   * Delays add up; the first fault of another kind takes the place of the answer, and those behind it stay unused.
   *
   * @param {import('../../types/testing.js').SandboxRequest['call']} call
   * @returns {Plan}
   */
  plan(call) {
    /** @type {Plan} */
    const plan = { kinds: [], before: 0, after: 0, end: undefined };
    if (!isCall(call)) return plan;
    for (const fault of [...this.list]) {
      if (plan.end && fault.kind !== 'delay') continue;
      const settings = fault.strike(call, this.#random);
      if (!settings) continue;
      plan.kinds.push(settings.kind);
      if (settings.kind !== 'delay') plan.end = settings;
      else if (settings.when === 'before') plan.before += settings.ms;
      else plan.after += settings.ms;
    }
    return plan;
  }
}

exports.Faults = Faults;
