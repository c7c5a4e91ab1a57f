/**
 * The page's data and its totals. It follows the state and the events of the sandbox, see ../../README.md.
 *
 * @typedef {{ id: string, at: string, partner: string | null, link: string | null }} Click
 * @typedef {{ id: number, at: string, requestId: number, clickId: string, customerId: string, email: string | null,
 *   name: string | null, eventName: string }} Lead
 * @typedef {Lead & { amount: number, currency: string, commission: number, invoiceId: string | null,
 *   warning: string | null }} Sale
 * @typedef {{ code: string, message: string }} Problem
 * @typedef {{ id: number, at: string, call: string | null, method: string, path: string, outcome: string,
 *   status: number | null, duration: number | null, faults: string[], error: Problem | null,
 *   customerId: string | null, warning: string | null }} Request
 * @typedef {{ id: number, kind: string, on: string, enabled: boolean, hits: number, remaining: number | null,
 *   description: string }} Fault
 *
 * @typedef {object} Customer a customer, or a visitor who is none yet
 * @property {string} key
 * @property {string | null} id `null` for a visitor
 * @property {string | null} name
 * @property {string | null} email
 * @property {Click[]} clicks
 * @property {Lead[]} leads
 * @property {Sale[]} sales
 * @property {Map<number, Request>} problems requests that failed
 * @property {string} last when something happened last
 * @property {number} version counts changes
 */

/** Nobody reads more than that, and memory is finite. */
const MOST_REQUESTS = 5000;

/** @param {Request} request */
export const isProblem = ({ outcome, status }) =>
  outcome === 'dropped' || outcome === 'aborted' || (status !== null && status >= 400);

export class Model {
  /** @type {Fault[]} */
  faults = [];
  /** @type {Map<number, Request>} in order of arrival */
  requests = new Map();
  totals = { clicks: 0, leads: 0, sales: 0, revenue: new Map(), commission: new Map() };
  /** @type {Map<string, Customer>} */
  #customers = new Map();
  /** @type {Map<string, Click>} */
  #clicks = new Map();
  /** @type {Map<string, string>} */
  #ownerOfClick = new Map();

  /** @param {{ clicks: Click[], leads: Lead[], sales: Sale[], requests: Request[], faults: Fault[] }} state */
  load({ clicks, leads, sales, requests, faults }) {
    for (const map of [this.requests, this.#customers, this.#clicks, this.#ownerOfClick]) map.clear();
    this.totals = { clicks: 0, leads: 0, sales: 0, revenue: new Map(), commission: new Map() };
    for (const click of clicks) this.#addClick(click);
    for (const lead of leads) this.#addLead(lead);
    for (const sale of sales) this.#addSale(sale);
    for (const request of requests) this.#addRequest(request);
    this.faults = faults;
  }

  /**
   * @param {string} type
   * @param {any} data
   */
  apply(type, data) {
    if (type === 'click') this.#addClick(data);
    else if (type === 'lead') this.#addLead(data);
    else if (type === 'sale') this.#addSale(data);
    else if (type === 'request') this.#addRequest(data);
    else if (type === 'faults') this.faults = data;
  }

  /**
   * @param {string} filter
   * @param {boolean} errorsOnly
   * @returns {Customer[]} the latest first
   */
  findCustomers(filter, errorsOnly) {
    const found = [...this.#customers.values()].filter(
      (customer) => (!errorsOnly || customer.problems.size > 0) && matches(filter, textOfCustomer, customer),
    );
    return found.sort((one, other) => (one.last < other.last ? 1 : one.last > other.last ? -1 : 0));
  }

  /** @param {string} key */
  findCustomer(key) {
    return this.#customers.get(key) ?? this.#customers.get(keyOfCustomer(this.#ownerOfClick.get(key.slice(1)) ?? ''));
  }

  /**
   * @param {string} filter
   * @param {boolean} errorsOnly
   * @returns {Request[]} the latest first
   */
  findRequests(filter, errorsOnly) {
    const found = [...this.requests.values()].filter(
      (request) => (!errorsOnly || isProblem(request)) && matches(filter, textOfRequest, request),
    );
    return found.reverse();
  }

  /** @param {Click} click */
  #addClick(click) {
    this.#clicks.set(click.id, click);
    this.totals.clicks += 1;
    const visitor = this.#open(keyOfVisitor(click.id), null, click.at);
    visitor.clicks.push(click);
  }

  /** @param {Lead} lead */
  #addLead(lead) {
    this.totals.leads += 1;
    this.#identify(lead).leads.push(lead);
  }

  /** @param {Sale} sale */
  #addSale(sale) {
    this.totals.sales += 1;
    const currency = sale.currency.toLowerCase();
    add(this.totals.revenue, currency, sale.amount);
    add(this.totals.commission, currency, sale.commission);
    this.#identify(sale).sales.push(sale);
  }

  /** @param {Request} request */
  #addRequest(request) {
    this.requests.set(request.id, request);
    if (this.requests.size > MOST_REQUESTS)
      this.requests.delete(/** @type {number} */ (this.requests.keys().next().value));
    if (request.customerId !== null && isProblem(request)) {
      this.#open(keyOfCustomer(request.customerId), request.customerId, request.at).problems.set(request.id, request);
    }
  }

  /**
   * The customer of a lead or sale. The visitor whose click it was becomes that customer.
   *
   * @param {Lead} event
   */
  #identify({ customerId, clickId, email, name, at }) {
    const customer = this.#open(keyOfCustomer(customerId), customerId, at);
    customer.email = email ?? customer.email;
    customer.name = name ?? customer.name;
    const click = this.#clicks.get(clickId);
    if (click && !customer.clicks.includes(click)) customer.clicks.push(click);
    if (!this.#ownerOfClick.has(clickId)) {
      this.#ownerOfClick.set(clickId, customerId);
      this.#customers.delete(keyOfVisitor(clickId));
    }
    return customer;
  }

  /**
   * @param {string} key
   * @param {string | null} id
   * @param {string} at
   */
  #open(key, id, at) {
    /** @type {Customer} */
    const customer = this.#customers.get(key) ?? {
      ...{ key, id, name: null, email: null, clicks: [], leads: [], sales: [], problems: new Map() },
      ...{ last: at, version: 0 },
    };
    customer.version += 1;
    if (at > customer.last) customer.last = at;
    this.#customers.set(key, customer);
    return customer;
  }
}

// The first letter keeps a customer apart from a click with the same id.
const keyOfCustomer = (/** @type {string} */ id) => `c${id}`;
const keyOfVisitor = (/** @type {string} */ clickId) => `v${clickId}`;

/** @param {Customer} customer */
function textOfCustomer({ id, name, email, clicks, leads, sales, problems }) {
  return [
    ...[id, name, email],
    ...clicks.flatMap((click) => [click.id, click.partner]),
    ...leads.map((lead) => lead.eventName),
    ...sales.flatMap((sale) => [sale.eventName, sale.invoiceId, sale.currency]),
    ...[...problems.values()].map((request) => request.error?.code ?? request.outcome),
  ];
}

/** @param {Request} request */
function textOfRequest({ id, call, method, path, status, outcome, customerId, error, faults }) {
  return [`#${id}`, call, method, path, status, outcome, customerId, error?.code, error?.message, ...faults];
}

/**
 * @template T
 * @param {string} filter words that must all occur
 * @param {(item: T) => Array<string | number | null | undefined>} read
 * @param {T} item
 */
function matches(filter, read, item) {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = read(item).join('\n').toLowerCase();
  return words.every((word) => text.includes(word));
}

/**
 * @param {Map<string, number>} sums
 * @param {string} currency
 * @param {number} amount
 */
export function add(sums, currency, amount) {
  sums.set(currency, (sums.get(currency) ?? 0) + amount);
}
