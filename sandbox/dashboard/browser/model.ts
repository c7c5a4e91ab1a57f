import type { Click, DashboardEvent, DashboardState, Fault, Lead, Repeat, Request, Sale } from '../protocol.ts';

/** A customer, or a visitor who has not signed up yet. */
export interface Customer {
  key: string;
  /** `null` for a visitor. */
  id: string | null;
  name: string | null;
  email: string | null;
  clicks: Click[];
  leads: Lead[];
  sales: Sale[];
  /** Requests that failed. */
  problems: Map<number, Request>;
  /** Requests that reported a counted invoice again. */
  repeats: Map<number, Request>;
  /** When something happened last. */
  last: string;
  /** Counts changes. */
  version: number;
}

export interface Totals {
  clicks: number;
  leads: number;
  sales: number;
  /** Visitors who became customers. */
  signedUp: number;
  /** Customers with a lead or a sale. */
  customers: number;
  paying: number;
  /** By currency. */
  revenue: Map<string, number>;
  commission: Map<string, number>;
}

/** Bounds the memory of a page that is open for days. */
const MAX_REQUESTS = 5000;

const noTotals = (): Totals => ({
  ...{ clicks: 0, leads: 0, sales: 0, signedUp: 0, customers: 0, paying: 0 },
  ...{ revenue: new Map(), commission: new Map() },
});

export const isProblem = ({ outcome, status }: Request): boolean =>
  outcome === 'dropped' || outcome === 'aborted' || (status !== null && status >= 400);

export const describeRepeat = ({ differs }: Repeat): string =>
  differs ? 'counted already; amount differs' : 'counted already';

/** The page's data and its totals: the sandbox's state, kept up to date by its events. */
export class Model {
  faults: Fault[] = [];
  /** In order of arrival. */
  readonly requests = new Map<number, Request>();
  totals = noTotals();
  #customers = new Map<string, Customer>();
  #clicks = new Map<string, Click>();
  #ownerOfClick = new Map<string, string>();

  load({ clicks, leads, sales, requests, faults }: DashboardState): void {
    for (const map of [this.requests, this.#customers, this.#clicks, this.#ownerOfClick]) map.clear();
    this.totals = noTotals();
    for (const click of clicks) this.#addClick(click);
    for (const lead of leads) this.#addLead(lead);
    for (const sale of sales) this.#addSale(sale);
    for (const request of requests) this.#addRequest(request);
    this.faults = faults;
  }

  apply({ type, data }: DashboardEvent): void {
    if (type === 'click') this.#addClick(data);
    else if (type === 'lead') this.#addLead(data);
    else if (type === 'sale') this.#addSale(data);
    else if (type === 'request') this.#addRequest(data);
    else if (type === 'faults') this.faults = data;
  }

  /** The latest first. */
  findCustomers(filter: Filter): Customer[] {
    const found = [...this.#customers.values()].filter((customer) => matchesCustomer(filter, customer));
    return found.sort((one, other) => (one.last < other.last ? 1 : one.last > other.last ? -1 : 0));
  }

  /** Also finds the customer whom a visitor has become. */
  findCustomer(key: string): Customer | undefined {
    return this.#customers.get(key) ?? this.#customers.get(keyOfCustomer(this.#ownerOfClick.get(key.slice(1)) ?? ''));
  }

  /** The latest first. */
  findRequests(filter: Filter): Request[] {
    return [...this.requests.values()].filter((request) => matchesRequest(filter, request)).reverse();
  }

  #addClick(click: Click): void {
    this.#clicks.set(click.id, click);
    this.totals.clicks += 1;
    this.#open(keyOfVisitor(click.id), null, click.at).clicks.push(click);
  }

  #addLead(lead: Lead): void {
    this.totals.leads += 1;
    const customer = this.#identify(lead);
    if (customer.leads.length + customer.sales.length === 0) this.totals.customers += 1;
    customer.leads.push(lead);
  }

  #addSale(sale: Sale): void {
    this.totals.sales += 1;
    const currency = sale.currency.toLowerCase();
    add(this.totals.revenue, currency, sale.amount);
    add(this.totals.commission, currency, sale.commission);
    const customer = this.#identify(sale);
    if (customer.leads.length + customer.sales.length === 0) this.totals.customers += 1;
    if (customer.sales.length === 0) this.totals.paying += 1;
    customer.sales.push(sale);
  }

  #addRequest(request: Request): void {
    this.requests.set(request.id, request);
    const [oldest] = this.requests.keys();
    if (this.requests.size > MAX_REQUESTS && oldest !== undefined) this.requests.delete(oldest);
    if (request.customerId === null || !(isProblem(request) || request.repeat)) return;
    const customer = this.#open(keyOfCustomer(request.customerId), request.customerId, request.at);
    (request.repeat ? customer.repeats : customer.problems).set(request.id, request);
  }

  /** The customer of a lead or sale. The visitor whose click it was becomes that customer. */
  #identify({ customerId, clickId, email, name, at }: Lead | Sale): Customer {
    const customer = this.#open(keyOfCustomer(customerId), customerId, at);
    customer.email = email ?? customer.email;
    customer.name = name ?? customer.name;
    const click = this.#clicks.get(clickId);
    if (click && !customer.clicks.includes(click)) customer.clicks.push(click);
    if (!this.#ownerOfClick.has(clickId)) {
      this.#ownerOfClick.set(clickId, customerId);
      this.totals.signedUp += Number(click !== undefined);
      this.#customers.delete(keyOfVisitor(clickId));
    }
    return customer;
  }

  #open(key: string, id: string | null, at: string): Customer {
    const customer = this.#customers.get(key) ?? newCustomer(key, id, at);
    customer.version += 1;
    if (at > customer.last) customer.last = at;
    this.#customers.set(key, customer);
    return customer;
  }
}

function newCustomer(key: string, id: string | null, at: string): Customer {
  const empty = { name: null, email: null, clicks: [], leads: [], sales: [], version: 0 };
  return { key, id, ...empty, problems: new Map(), repeats: new Map(), last: at };
}

// The first letter distinguishes a customer from a click with the same id.
const keyOfCustomer = (id: string): string => `c${id}`;
const keyOfVisitor = (clickId: string): string => `v${clickId}`;

type Text = Array<string | number | null | undefined>;

const textOfCustomer = ({ id, name, email, clicks, leads, sales, problems }: Customer): Text => [
  ...[id, name, email],
  ...clicks.flatMap((click) => [click.id, click.partner]),
  ...leads.map((lead) => lead.eventName),
  ...sales.flatMap((sale) => [sale.eventName, sale.invoiceId, sale.currency]),
  ...[...problems.values()].map((request) => request.error?.code ?? request.outcome),
];

function textOfRequest({ id, call, method, path, status, outcome, ...request }: Request): Text {
  const { customerId, clickId, error, repeat, faults } = request;
  return [
    ...[`#${id}`, call, method, path, status, outcome, customerId, clickId, error?.code, error?.message],
    ...[repeat?.invoiceId, repeat && describeRepeat(repeat), ...faults],
  ];
}

export interface Filter {
  /** Words that must all occur. */
  text: string;
  errorsOnly: boolean;
}

export const matchesCustomer = ({ text, errorsOnly }: Filter, customer: Customer): boolean =>
  (!errorsOnly || customer.problems.size > 0) && hasWords(text, () => textOfCustomer(customer));

export const matchesRequest = ({ text, errorsOnly }: Filter, request: Request): boolean =>
  (!errorsOnly || isProblem(request)) && hasWords(text, () => textOfRequest(request));

export function hasWords(filter: string, readText: () => Text): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = readText().join('\n').toLowerCase();
  return words.every((word) => text.includes(word));
}

export function add(sums: Map<string, number>, currency: string, amount: number): void {
  sums.set(currency, (sums.get(currency) ?? 0) + amount);
}
