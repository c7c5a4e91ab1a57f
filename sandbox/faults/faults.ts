import type { Fault, FaultKind, SandboxCall, SandboxRequest } from '../../types/testing.js';
import { isCall } from '../api/endpoints.ts';
import { type FaultEffect, type FaultSettings, readFault } from './options.ts';

/** The combined effect of the faults on one call. */
export interface Plan {
  kinds: FaultKind[];
  /** Milliseconds to wait before the call takes effect. */
  before: number;
  /** Milliseconds to wait before it is answered. */
  after: number;
  /** Takes the place of the answer. */
  end: Exclude<FaultEffect, { kind: 'delay' }> | undefined;
}

class ProgrammedFault implements Fault {
  readonly id: number;
  hits = 0;
  remaining: number;
  #settings: FaultSettings;
  #enabled: boolean;
  #faults: Faults;

  constructor(id: number, settings: FaultSettings, faults: Faults) {
    this.id = id;
    this.remaining = settings.times;
    this.#settings = settings;
    this.#enabled = settings.enabled;
    this.#faults = faults;
  }

  get kind(): FaultKind {
    return this.#settings.effect.kind;
  }

  get on(): SandboxCall | 'any' {
    return this.#settings.on;
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  get description(): string {
    return this.#settings.description;
  }

  enable(): void {
    this.#enabled = true;
    this.#faults.changed();
  }

  disable(): void {
    this.#enabled = false;
    this.#faults.changed();
  }

  remove(): void {
    this.#faults.remove(this);
  }

  /** Returns the effect if the call is hit. */
  strike(call: SandboxCall, random: () => number): FaultEffect | undefined {
    const { on, probability, effect } = this.#settings;
    if (!this.#enabled || (on !== 'any' && on !== call)) return undefined;
    if (probability < 1 && random() >= probability) return undefined;
    this.hits += 1;
    this.remaining -= 1;
    if (this.remaining === 0) this.remove();
    else this.#faults.changed();
    return effect;
  }

  toJSON() {
    const { id, kind, on, hits, enabled, description, remaining } = this;
    return { id, kind, on, hits, enabled, description, remaining: remaining === Infinity ? null : remaining };
  }
}

/** The programmed faults, in order. */
export class Faults {
  readonly list: ProgrammedFault[] = [];
  /** Notifies that a fault was added, removed, changed or hit. */
  readonly changed: () => void;
  #lastId = 0;
  #random: () => number;

  constructor(random: () => number, onChange: () => void) {
    this.#random = random;
    this.changed = onChange;
  }

  add(kind: FaultKind, options: unknown): Fault {
    const settings = readFault(kind, options);
    this.#lastId += 1;
    const fault = new ProgrammedFault(this.#lastId, settings, this);
    this.list.push(fault);
    this.changed();
    return fault;
  }

  remove(fault: ProgrammedFault): void {
    const index = this.list.indexOf(fault);
    if (index === -1) return;
    this.list.splice(index, 1);
    this.changed();
  }

  clear(): void {
    if (this.list.length === 0) return;
    this.list.length = 0;
    this.changed();
  }

  /** Delays add up. The first fault of another kind takes the place of the answer; the ones after it stay unused. */
  plan(call: SandboxRequest['call']): Plan {
    const plan: Plan = { kinds: [], before: 0, after: 0, end: undefined };
    if (!isCall(call)) return plan;
    for (const fault of [...this.list]) {
      if (plan.end && fault.kind !== 'delay') continue;
      const effect = fault.strike(call, this.#random);
      if (!effect) continue;
      plan.kinds.push(effect.kind);
      if (effect.kind === 'delay') plan[effect.when] += effect.ms;
      else plan.end = effect;
    }
    return plan;
  }
}
