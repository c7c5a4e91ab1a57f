import type {
  Sandbox as Contract,
  DelayOptions,
  DropOptions,
  FailOptions,
  ReplyOptions,
  SandboxClickInput,
  SandboxEvent,
  SandboxLead,
  SandboxOptions,
  SandboxRequest,
  SandboxSale,
  SandboxToken,
  WaitOptions,
} from '../types/testing.js';
import { Core } from './core.ts';
import { type OpenOutbox, OutboxView } from './dashboard/outbox-view.ts';
import { Listener } from './http/listener.ts';
import { readClick, readOptions } from './options.ts';
import { Journal } from './records/journal.ts';
import { handleRequest } from './request-handler.ts';

class Sandbox implements Contract {
  #core: Core;
  #listener: Listener;
  #closed: Promise<void> | undefined;
  declare [Symbol.asyncDispose]: () => Promise<void>;

  constructor(core: Core, listener: Listener) {
    this.#core = core;
    this.#listener = listener;
  }

  get url() {
    return this.#core.url;
  }

  get apiKey() {
    return this.#core.settings.apiKeys[0] ?? '';
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

  get requests(): readonly SandboxRequest[] {
    return this.#core.log.requests;
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

  addClick(input: string | SandboxClickInput) {
    const click = this.#core.state.addClick(readClick('click', input));
    this.#core.publish({ click });
    return click;
  }

  fail(options?: FailOptions) {
    return this.#core.faults.add('fail', options);
  }

  drop(options?: DropOptions) {
    return this.#core.faults.add('drop', options);
  }

  delay(options: DelayOptions) {
    return this.#core.faults.add('delay', options);
  }

  reply(options?: ReplyOptions) {
    return this.#core.faults.add('reply', options);
  }

  clearFaults() {
    this.#core.faults.clear();
  }

  waitForRequest(predicate?: (request: SandboxRequest) => boolean, options?: WaitOptions) {
    const itemOf = (event: SandboxEvent) => (event.type === 'request' ? event.request : undefined);
    return this.#core.waiting.wait('request', this.requests, itemOf, predicate, options);
  }

  waitForLead(predicate?: (lead: SandboxLead) => boolean, options?: WaitOptions) {
    const itemOf = (event: SandboxEvent) => (event.type === 'lead' ? event.lead : undefined);
    return this.#core.waiting.wait('lead', this.leads, itemOf, predicate, options);
  }

  waitForSale(predicate?: (sale: SandboxSale) => boolean, options?: WaitOptions) {
    const itemOf = (event: SandboxEvent) => (event.type === 'sale' ? event.sale : undefined);
    return this.#core.waiting.wait('sale', this.sales, itemOf, predicate, options);
  }

  waitForToken(predicate?: (token: SandboxToken) => boolean, options?: WaitOptions) {
    const itemOf = (event: SandboxEvent) => (event.type === 'token' ? event.token : undefined);
    return this.#core.waiting.wait('token', this.tokens, itemOf, predicate, options);
  }

  subscribe(listener: (event: SandboxEvent) => void) {
    return this.#core.events.subscribe(listener);
  }

  reset() {
    this.#core.reset();
  }

  close() {
    this.#closed ??= Promise.all([this.#core.close(), this.#listener.close()]).then(() => {});
    return this.#closed;
  }
}

// As a class member it would be a method named "undefined" on Node.js before 20.5, which lacks the symbol.
if (Symbol.asyncDispose) {
  Object.defineProperty(Sandbox.prototype, Symbol.asyncDispose, {
    value(this: Sandbox) {
      return this.close();
    },
    configurable: true,
    writable: true,
  });
}

/** @param openOutbox - opens the outbox that the dashboard shows */
export async function startSandbox(options: SandboxOptions | undefined, openOutbox: OpenOutbox): Promise<Contract> {
  const settings = readOptions(options);
  const core = new Core(settings, settings.outbox && new OutboxView(settings.outbox, openOutbox));
  const listener = new Listener(settings, (req, res) => handleRequest(core, listener, req, res));
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
