import { performance } from 'node:perf_hooks';
import type { FaultKind, SandboxRequest } from '../../types/testing.js';
import type { Events } from './events.ts';

/** A request as the log owns it; others see it read-only. */
type Entry = { -readonly [Key in keyof SandboxRequest]: SandboxRequest[Key] };
export type Outcome = Pick<SandboxRequest, 'outcome' | 'response' | 'duration'>;
export type Arrival = Pick<SandboxRequest, 'call' | 'method' | 'path' | 'httpVersion' | 'headers' | 'body'>;

/** Records the requests and their outcomes. */
export class RequestLog {
  readonly requests: Entry[] = [];
  #lastId = 0;
  #limit: number;
  #events: Events;
  #started = new WeakMap<SandboxRequest, number>();

  constructor(events: Events, limit: number) {
    this.#events = events;
    this.#limit = limit;
  }

  arrive(arrival: Arrival, faults: readonly FaultKind[]): Entry {
    const id = this.#lastId + 1;
    const pending = { outcome: 'pending', response: null, duration: null } as const;
    const request: Entry = { id, at: new Date(), ...arrival, json: undefined, faults, ...pending };
    this.#started.set(request, performance.now());
    this.restore(request);
    this.#events.emit({ type: 'request', request });
    return request;
  }

  /** Adds a request unchanged, such as one read from the data file. */
  restore(request: Entry): void {
    request.json = parse(request.body);
    this.#lastId = Math.max(this.#lastId, request.id);
    this.requests.push(request);
    // Several at a time, because removing the first item moves all others.
    if (this.requests.length >= this.#limit * 1.25) this.requests.splice(0, this.requests.length - this.#limit);
  }

  finish(request: Entry, outcome: Outcome): void {
    Object.assign(request, outcome);
    this.#events.emit({ type: 'request', request });
  }

  /** Milliseconds since the request arrived. */
  elapsed(request: SandboxRequest): number {
    return performance.now() - (this.#started.get(request) ?? 0);
  }

  clear(): void {
    this.requests.length = 0;
    this.#lastId = 0;
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
