import type { OutboxEntryDetails, RequestDetails } from '../protocol.ts';
import { viewCustomer } from './customer-details.ts';
import { h } from './dom.ts';
import { viewEntry } from './entry-details.ts';
import { type Customer, type Filter, type Model, matchesCustomer, matchesRequest } from './model.ts';
import { matchesEntry, type Outbox } from './outbox.ts';
import { viewRequest } from './request-details.ts';

/** The subject of the pane. */
interface Subject {
  isVisible(filter: Filter): boolean;
  /** Shows it again if it has changed. */
  update(): void;
}

/** The pane with the details of a customer, a request or an entry of the outbox. */
export class Detail {
  #pane: HTMLElement;
  #model: Model;
  #outbox: Outbox;
  #onClose: () => void;
  #subject: Subject | undefined;
  /** Counts what was opened, so that a late answer does not replace a newer one. */
  #opened = 0;

  constructor(pane: HTMLElement, model: Model, outbox: Outbox, onClose: () => void) {
    this.#pane = pane;
    this.#model = model;
    this.#outbox = outbox;
    this.#onClose = onClose;
  }

  /** @param keepFocus - whether the focus stays where it is */
  close(keepFocus = false): void {
    this.#opened += 1;
    this.#subject = undefined;
    if (this.#pane.hidden) return;
    this.#pane.hidden = true;
    this.#pane.replaceChildren();
    if (!keepFocus) this.#onClose();
  }

  /** Closes the details if a filter hides what they are about. */
  applyFilter(filter: Filter): void {
    if (this.#subject && !this.#subject.isVisible(filter)) this.close(true);
  }

  /** Brings the details up to date. */
  update(): void {
    this.#subject?.update();
  }

  /** @param keepFocus - whether the focus stays where it is */
  showCustomer(customer: Customer, keepFocus = false): void {
    this.#opened += 1;
    const { version } = customer;
    this.#subject = {
      isVisible: (filter) => this.#isVisible(customer, filter),
      update: () => {
        const current = this.#model.findCustomer(customer.key);
        if (current && current.version !== version) this.showCustomer(current, true);
      },
    };
    const title = customer.name ?? customer.email ?? customer.id ?? 'Visitor';
    const content = viewCustomer(customer, (id) => this.showRequest(id, customer));
    this.#show(keepFocus, this.#head(title), ...content);
  }

  /**
   * @param customer - whose details it was opened from
   * @param keepFocus - whether the focus stays where it is
   */
  async showRequest(id: number, customer?: Customer, keepFocus = false): Promise<void> {
    const { answer, problem } = await this.#read<RequestDetails>(`requests/${id}`);
    if (!answer && problem === undefined) return;
    const { requests } = this.#model;
    this.#subject = {
      isVisible: (filter) => {
        const request = requests.get(id);
        return customer ? this.#isVisible(customer, filter) : !request || matchesRequest(filter, request);
      },
      update: () => {
        const isOver = requests.get(id)?.outcome !== 'pending';
        if (answer?.outcome === 'pending' && isOver) this.showRequest(id, customer, true);
      },
    };
    const back = customer && h('button', { type: 'button', onclick: () => this.showCustomer(customer) }, '← Customer');
    const content = answer ? viewRequest(answer) : [h('p', { class: 'problem' }, problem)];
    this.#show(keepFocus, this.#head(`Request #${id}`, back), ...content);
  }

  /** @param keepFocus - whether the focus stays where it is */
  async showEntry(id: string, keepFocus = false): Promise<void> {
    const path = `outbox/entries/${encodeURIComponent(id)}`;
    const { answer, problem } = await this.#read<OutboxEntryDetails>(path);
    if (!answer && problem === undefined) return;
    const before = JSON.stringify(this.#outbox.find(id));
    if (!answer && before === undefined) return this.#showGone(id);
    this.#subject = {
      isVisible: (filter) => {
        const entry = this.#outbox.find(id);
        return !entry || matchesEntry(filter, entry);
      },
      update: () => {
        const entry = this.#outbox.find(id);
        if (!entry && before !== undefined) this.#showGone(id);
        else if (JSON.stringify(entry) !== before) this.showEntry(id, true);
      },
    };
    const content = answer
      ? viewEntry(answer, () => this.#outbox.read())
      : [h('p', { class: 'line' }, id), h('p', { class: 'muted' }, problem)];
    this.#show(keepFocus, this.#head('Entry'), ...content);
  }

  #showGone(id: string): void {
    this.#subject = undefined;
    const text = 'Delivered or discarded: it is no longer in the outbox.';
    this.#show(true, this.#head('Entry'), h('p', { class: 'line' }, id), h('p', { class: 'muted' }, text));
  }

  #isVisible(customer: Customer, filter: Filter): boolean {
    return matchesCustomer(filter, this.#model.findCustomer(customer.key) ?? customer);
  }

  /** Neither an answer nor a problem: something else was opened meanwhile. */
  async #read<T>(path: string): Promise<{ answer?: T; problem?: string }> {
    this.#opened += 1;
    const opened = this.#opened;
    const response = await fetch(`/_sandbox/${path}`);
    const answer = await response.json();
    if (opened !== this.#opened) return {};
    return response.ok ? { answer } : { problem: answer.error.message };
  }

  #head(title: string, back?: HTMLElement): HTMLElement {
    const close = h('button', { type: 'button', 'aria-label': 'Close details', onclick: () => this.close() }, '✕');
    return h('div', { class: 'head' }, back, h('h2', {}, title), close);
  }

  #show(keepFocus: boolean, ...content: HTMLElement[]): void {
    const pane = this.#pane;
    const focused = [...pane.querySelectorAll('button')].findIndex((button) => button.matches(':focus'));
    pane.replaceChildren(...content);
    pane.hidden = false;
    if (!keepFocus) pane.focus();
    else if (focused !== -1) pane.querySelectorAll('button')[focused]?.focus({ preventScroll: true });
  }
}
