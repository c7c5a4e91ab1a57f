import { h } from './dom.mjs';
import { formatDuration, formatMoney, formatTime } from './format.mjs';
import { viewJson } from './json-view.mjs';
import { isProblem } from './model.mjs';

/**
 * The pane that shows one customer, one request, or one of a customer's requests.
 *
 * @typedef {import('./model.mjs').Customer} Customer
 * @typedef {import('./model.mjs').Request} Request
 */
export class Detail {
  #pane;
  #onClose;
  /** @type {{ customer?: Customer | undefined, version?: number, request?: number, outcome?: string }} */
  #shown = {};
  /** Counts what was asked for, so that a late answer does not replace a newer one. */
  #turn = 0;

  /**
   * @param {HTMLElement} pane
   * @param {() => void} onClose
   */
  constructor(pane, onClose) {
    this.#pane = pane;
    this.#onClose = onClose;
  }

  close() {
    this.#turn += 1;
    this.#shown = {};
    if (this.#pane.hidden) return;
    this.#pane.hidden = true;
    this.#pane.replaceChildren();
    this.#onClose();
  }

  /**
   * @param {Customer} customer
   * @param {boolean} [keepPlace] whether the focus stays where it is
   */
  showCustomer(customer, keepPlace = false) {
    this.#turn += 1;
    this.#shown = { customer, version: customer.version };
    this.#show(
      keepPlace,
      this.#head(customer.name ?? customer.email ?? customer.id ?? 'Visitor'),
      h('p', { class: 'muted' }, [customer.id, customer.email].filter(Boolean).join(' · ') || 'has not signed up'),
      h('ol', { class: 'journey' }, ...this.#journey(customer)),
    );
  }

  /**
   * @param {number} id
   * @param {Customer} [customer] whose details it was opened from
   * @param {boolean} [keepPlace] whether the focus stays where it is
   */
  async showRequest(id, customer, keepPlace = false) {
    this.#turn += 1;
    const turn = this.#turn;
    const response = await fetch(`/_sandbox/requests/${id}`);
    const request = await response.json();
    if (turn !== this.#turn) return;
    this.#shown = { customer, request: id, outcome: request.outcome };
    const back = customer && h('button', { type: 'button', onclick: () => this.showCustomer(customer) }, '← Customer');
    const content = response.ok ? describeRequest(request) : [h('p', { class: 'problem' }, request.error.message)];
    this.#show(keepPlace, this.#head(`Request #${id}`, back), ...content);
  }

  /**
   * Shows the same as it is by now.
   *
   * @param {import('./model.mjs').Model} model
   */
  update(model) {
    const { customer, version, request, outcome } = this.#shown;
    const now = customer && model.findCustomer(customer.key);
    if (request === undefined) {
      if (now && now.version !== version) this.showCustomer(now, true);
    } else if (outcome === 'pending' && model.requests.get(request)?.outcome !== 'pending') {
      this.showRequest(request, customer, true);
    }
  }

  /**
   * @param {string} title
   * @param {HTMLElement} [back]
   */
  #head(title, back) {
    const close = h('button', { type: 'button', 'aria-label': 'Close details', onclick: () => this.close() }, '✕');
    return h('div', { class: 'head' }, back, h('h2', {}, title), close);
  }

  /** @param {Customer} customer */
  #journey(customer) {
    const { clicks, leads, sales, problems } = customer;
    const steps = [
      ...clicks.map((click) => ({
        at: click.at,
        kind: 'click',
        text: click.partner ? `via ${click.partner}` : 'without link',
      })),
      ...leads.map((lead) => ({ at: lead.at, kind: 'lead', text: lead.eventName, requestId: lead.requestId })),
      ...sales.map((sale) => ({
        ...{ at: sale.at, kind: 'sale', requestId: sale.requestId },
        text: `${sale.warning ? '⚠ ' : ''}${formatMoney(sale.amount, sale.currency)} → ${formatMoney(sale.commission, sale.currency)} commission`,
      })),
      ...[...problems.values()].map((request) => ({
        ...{ at: request.at, kind: 'error', requestId: request.id },
        text: `${request.status ?? request.outcome} ${request.error?.code ?? ''}`,
      })),
    ];
    steps.sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
    return steps.map((step) => {
      const parts = [
        h('span', { class: `tag ${step.kind}` }, step.kind),
        h('span', {}, step.text),
        h('time', {}, formatTime(step.at)),
      ];
      const { requestId } = /** @type {{ requestId?: number }} */ (step);
      if (requestId === undefined) return h('li', {}, h('div', { class: 'step' }, ...parts));
      return h(
        'li',
        {},
        h('button', { type: 'button', class: 'step', onclick: () => this.showRequest(requestId, customer) }, ...parts),
      );
    });
  }

  /**
   * @param {boolean} keepPlace
   * @param {...HTMLElement} content
   */
  #show(keepPlace, ...content) {
    const pane = this.#pane;
    const focused = [...pane.querySelectorAll('button')].findIndex((button) => button.matches(':focus'));
    pane.replaceChildren(...content);
    pane.hidden = false;
    if (!keepPlace) pane.focus();
    else if (focused !== -1) pane.querySelectorAll('button')[focused]?.focus({ preventScroll: true });
  }
}

/** @param {Request & { httpVersion: string, headers: Record<string, unknown>, body: string, response: any }} request */
function describeRequest(request) {
  const { method, path, httpVersion, headers, body, response, outcome, status, duration, faults, error, warning } =
    request;
  return [
    h('p', { class: 'line' }, h('strong', {}, method), ` ${path}`),
    h(
      'p',
      { class: 'tags' },
      h('span', { class: `tag ${isProblem(request) ? 'error' : 'ok'}` }, status ?? outcome),
      h('span', { class: 'muted' }, `${formatTime(request.at)} · ${formatDuration(duration)} · HTTP/${httpVersion}`),
      ...faults.map((fault) => h('span', { class: 'tag fault' }, fault)),
    ),
    ...(warning ? [h('p', { class: 'warning' }, `⚠ ${warning}`)] : []),
    ...(error ? [h('p', { class: 'problem' }, `${error.code}: ${error.message}`)] : []),
    h('h3', {}, 'Request'),
    viewHeaders(headers),
    viewJson(body),
    h('h3', {}, 'Response'),
    ...(response
      ? [viewHeaders(response.headers), viewJson(response.body)]
      : [h('p', { class: 'muted' }, `none: ${outcome}`)]),
  ];
}

/** @param {Record<string, unknown>} headers */
function viewHeaders(headers) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return h('details', {}, h('summary', {}, `Headers (${lines.length})`), h('pre', {}, lines.join('\n')));
}
