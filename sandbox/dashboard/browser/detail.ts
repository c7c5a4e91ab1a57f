import type { Request, RequestDetails } from '../protocol.ts';
import { h } from './dom.ts';
import { formatCount, formatDuration, formatMoney, formatTime } from './format.ts';
import { viewJson } from './json-view.ts';
import {
  type Customer,
  describeRepeat,
  type Filter,
  isProblem,
  type Model,
  matchesCustomer,
  matchesRequest,
} from './model.ts';

/** What the pane shows: a customer, a request, or a request that was opened from a customer. */
interface Shown {
  customer?: Customer | undefined;
  version?: number;
  request?: number;
  outcome?: Request['outcome'];
}

interface Step {
  at: string;
  kind: 'click' | 'lead' | 'sale' | 'again' | 'error';
  text: string;
  requestId?: number;
}

/** The pane with the details of a customer or a request. */
export class Detail {
  #pane: HTMLElement;
  #onClose: () => void;
  #shown: Shown = {};
  /** Counts what was opened, so that a late answer does not replace a newer one. */
  #opened = 0;

  constructor(pane: HTMLElement, onClose: () => void) {
    this.#pane = pane;
    this.#onClose = onClose;
  }

  /** @param keepFocus - whether the focus stays where it is */
  close(keepFocus = false): void {
    this.#opened += 1;
    this.#shown = {};
    if (this.#pane.hidden) return;
    this.#pane.hidden = true;
    this.#pane.replaceChildren();
    if (!keepFocus) this.#onClose();
  }

  /** @param keepFocus - whether the focus stays where it is */
  showCustomer(customer: Customer, keepFocus = false): void {
    this.#opened += 1;
    this.#shown = { customer, version: customer.version };
    this.#show(
      keepFocus,
      this.#head(customer.name ?? customer.email ?? customer.id ?? 'Visitor'),
      h('p', { class: 'muted' }, [customer.id, customer.email].filter(Boolean).join(' · ') || 'has not signed up'),
      h('ol', { class: 'journey' }, ...stepsOf(customer).map((step) => this.#viewStep(step, customer))),
    );
  }

  /**
   * @param customer - whose details it was opened from
   * @param keepFocus - whether the focus stays where it is
   */
  async showRequest(id: number, customer?: Customer, keepFocus = false): Promise<void> {
    this.#opened += 1;
    const opened = this.#opened;
    const response = await fetch(`/_sandbox/requests/${id}`);
    const answer = await response.json();
    if (opened !== this.#opened) return;
    this.#shown = { customer, request: id, outcome: answer.outcome };
    const back = customer && h('button', { type: 'button', onclick: () => this.showCustomer(customer) }, '← Customer');
    const content = response.ok ? viewRequest(answer) : [h('p', { class: 'problem' }, answer.error.message)];
    this.#show(keepFocus, this.#head(`Request #${id}`, back), ...content);
  }

  /** Closes the details if a filter hides what they are about. The focus stays where it is. */
  applyFilter(filter: Filter, model: Model): void {
    const { customer, request } = this.#shown;
    const shownRequest = request === undefined ? undefined : model.requests.get(request);
    const current = customer && (model.findCustomer(customer.key) ?? customer);
    const isVisible = current
      ? matchesCustomer(filter, current)
      : shownRequest === undefined || matchesRequest(filter, shownRequest);
    if (!isVisible) this.close(true);
  }

  /** Brings the details up to date. */
  update(model: Model): void {
    const { customer, version, request, outcome } = this.#shown;
    const current = customer && model.findCustomer(customer.key);
    if (request === undefined) {
      if (current && current.version !== version) this.showCustomer(current, true);
    } else if (outcome === 'pending' && model.requests.get(request)?.outcome !== 'pending') {
      this.showRequest(request, customer, true);
    }
  }

  #head(title: string, back?: HTMLElement): HTMLElement {
    const close = h('button', { type: 'button', 'aria-label': 'Close details', onclick: () => this.close() }, '✕');
    return h('div', { class: 'head' }, back, h('h2', {}, title), close);
  }

  #viewStep({ at, kind, text, requestId }: Step, customer: Customer): HTMLElement {
    const parts = [h('span', { class: `tag ${kind}` }, kind), h('span', {}, text), h('time', {}, formatTime(at))];
    if (requestId === undefined) return h('li', {}, h('div', { class: 'step' }, ...parts));
    const onclick = () => this.showRequest(requestId, customer);
    return h('li', {}, h('button', { type: 'button', class: 'step', onclick }, ...parts));
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

/** Everything a customer did, in order. */
function stepsOf({ clicks, leads, sales, problems, repeats }: Customer): Step[] {
  const steps: Step[] = [
    ...clicks.map(({ at, id, partner }): Step => {
      return { at, kind: 'click', text: `${id} ${partner ? `via ${partner}` : 'without link'}` };
    }),
    ...leads.map(({ at, eventName, requestId }): Step => ({ at, kind: 'lead', text: eventName, requestId })),
    ...sales.map(({ at, requestId, warning, amount, commission, currency }): Step => {
      const money = `${formatMoney(amount, currency)} earns ${formatMoney(commission, currency)}`;
      return { at, kind: 'sale', text: `${warning ? '⚠ ' : ''}${money}`, requestId };
    }),
    ...[...repeats.values()].map(({ at, id, repeat }): Step => {
      return { at, kind: 'again', text: repeat ? `${repeat.invoiceId} ${describeRepeat(repeat)}` : '', requestId: id };
    }),
    ...[...problems.values()].map(({ at, id, status, outcome, error }): Step => {
      return { at, kind: 'error', text: `${status ?? outcome} ${error?.code ?? ''}`, requestId: id };
    }),
  ];
  return steps.sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
}

function viewRequest(request: RequestDetails): HTMLElement[] {
  const { call, method, path, httpVersion, headers, body, response, outcome, status, faults } = request;
  const when = `${formatTime(request.at)} · ${formatDuration(request.duration)} · HTTP/${httpVersion}`;
  return [
    h('p', { class: 'line' }, h('strong', {}, method), ` ${path}`),
    h(
      'p',
      { class: 'tags' },
      h('span', { class: `tag ${isProblem(request) ? 'error' : 'ok'}` }, status ?? outcome),
      h('span', { class: 'muted' }, when),
      ...faults.map((fault) => h('span', { class: 'tag fault' }, fault)),
    ),
    ...viewRemarks(request),
    h('h3', {}, 'Request'),
    viewHeaders(headers),
    viewJson(body),
    h('h3', {}, 'Response'),
    ...(call === 'portal' && status === 200
      ? [h('p', {}, h('a', { href: path, target: '_blank', rel: 'noreferrer' }, 'Open the portal'))]
      : []),
    ...(response
      ? [viewHeaders(response.headers), viewBody(response.headers['content-type'], response.body)]
      : [h('p', { class: 'muted' }, `none: ${outcome}`)]),
  ];
}

function viewRemarks({ warning, error, repeat }: Request): HTMLElement[] {
  const remarks = [];
  if (warning) remarks.push(h('p', { class: 'warning' }, `⚠ ${warning}`));
  if (error) remarks.push(h('p', { class: 'problem' }, `${error.code}: ${error.message}`));
  if (repeat) {
    const { invoiceId, requestId, amount, currency, differs } = repeat;
    const counted = `${invoiceId} was counted already, by request #${requestId}`;
    const text = differs ? `⚠ ${counted}; the amount differs: ${formatMoney(amount, currency)} there` : counted;
    remarks.push(h('p', { class: differs && 'warning' }, text));
  }
  return remarks;
}

/** A page is folded: nobody reads its HTML here. */
function viewBody(type: string | undefined, body: string): HTMLElement {
  if (!type?.startsWith('text/html')) return viewJson(body);
  return h('details', {}, h('summary', {}, `HTML (${formatCount(body.length, 'character')})`), h('pre', {}, body));
}

function viewHeaders(headers: RequestDetails['headers']): HTMLElement {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return h('details', {}, h('summary', {}, `Headers (${lines.length})`), h('pre', {}, lines.join('\n')));
}
