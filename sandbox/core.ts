import type { SandboxRequest } from '../types/testing.js';
import { type Effect, State } from './api/state.ts';
import type { Feed } from './dashboard/event-stream.ts';
import type { OutboxView } from './dashboard/outbox-view.ts';
import { Faults } from './faults/faults.ts';
import type { Settings } from './options.ts';
import { createRandom } from './random.ts';
import { Events } from './records/events.ts';
import type { Entry, Journal } from './records/journal.ts';
import { type Outcome, RequestLog } from './records/request-log.ts';
import { Waiting } from './records/waiting.ts';

/** The parts of one sandbox. */
export class Core {
  readonly settings: Settings;
  readonly events = new Events();
  readonly waiting = new Waiting(this.events);
  readonly state: State;
  readonly log: RequestLog;
  readonly faults: Faults;
  /** The outbox that the dashboard shows, if there is one. */
  readonly outbox: OutboxView | undefined;
  /** Address, once the sandbox listens. */
  url = '';
  /** The data file, if there is one. */
  journal: Journal | undefined;
  /** Serves the dashboard; created when it is first opened. */
  feed: Feed | undefined;
  /** Counts resets: a request that began before one must not change the state after it. */
  epoch = 0;
  /** Aborts the requests that are not being answered yet. */
  readonly aborts = new Set<() => void>();
  #random: () => number;

  constructor(settings: Settings, outbox: OutboxView | undefined) {
    this.settings = settings;
    this.outbox = outbox;
    this.state = new State(settings);
    this.log = new RequestLog(this.events, settings.maxRequests);
    this.#random = createRandom(settings.seed);
    this.faults = new Faults(this.#random, () => this.events.emit({ type: 'faults', faults: this.faults.list }));
  }

  /** Stores a change and reports it to subscribers. */
  publish(effect: Effect): void {
    const { click, lead, sale, token } = effect;
    this.journal?.append(effect);
    if (click) this.events.emit({ type: 'click', click });
    if (lead) this.events.emit({ type: 'lead', lead });
    if (sale) this.events.emit({ type: 'sale', sale });
    if (token) this.events.emit({ type: 'token', token });
  }

  /** Returns why the request could not be stored, if it could not. */
  async storeRequest(request: SandboxRequest, outcome: Outcome): Promise<string | undefined> {
    try {
      await this.journal?.append({ request: { ...request, ...outcome } });
      return undefined;
    } catch (error) {
      return `The data file cannot be written: ${error instanceof Error ? error.message : error}`;
    }
  }

  /** Records that the client of a request disconnected. */
  abandon(request: SandboxRequest): void {
    const outcome: Outcome = { outcome: 'aborted', response: null, duration: this.log.elapsed(request) };
    this.storeRequest(request, outcome);
    this.log.finish(request, outcome);
  }

  /** Restores the state from the data file. */
  restore(entries: Entry[]): void {
    for (const { request, ...effect } of entries) {
      if (request) this.log.restore(request);
      if (!effect.click || !this.state.findClick(effect.click.id)) this.state.apply(effect);
    }
  }

  /** Milliseconds that the next call takes. */
  pickLatency(): number {
    const [lowest, highest] = this.settings.latency;
    return lowest === highest ? lowest : lowest + this.#random() * (highest - lowest);
  }

  reset(): void {
    this.epoch += 1;
    this.faults.clear();
    this.state.clear();
    this.log.clear();
    this.waiting.reset();
    for (const abort of this.aborts) abort();
    this.aborts.clear();
    this.journal?.clear();
    this.events.emit({ type: 'reset' });
  }

  async close(): Promise<void> {
    this.epoch += 1;
    this.waiting.close();
    this.feed?.close();
    await Promise.all([this.journal?.close(), this.outbox?.close()]);
  }
}
