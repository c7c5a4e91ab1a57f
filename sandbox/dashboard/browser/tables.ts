import type { Lead, OutboxEntry, Request, Sale } from '../protocol.ts';
import { h } from './dom.ts';
import { formatDuration, formatError, formatSums, formatTime } from './format.ts';
import { Grid } from './grid.ts';
import { add, type Customer, describeRepeat, isProblem } from './model.ts';

const CALLS: Record<string, string> = { lead: 'track.lead', sale: 'track.sale', token: 'embedTokens.create' };

export const makeCustomerGrid = (onOpen: (customer: Customer) => void): Grid<Customer> =>
  new Grid({
    label: 'Customers',
    columns: ['Customer', 'Click', 'Partner', 'Lead', 'Sales', 'Commission', 'Errors'],
    keyOf: ({ key }) => key,
    cellsOf: describeCustomer,
    isBad: ({ problems }) => problems.size > 0,
    onOpen,
    empty: 'Nothing yet. Follow the partner link, or report a lead or a sale with the SDK.',
  });

function describeCustomer({ id, name, email, clicks, leads, sales, problems }: Customer): Array<Node | string> {
  const [click] = clicks;
  const lead = leads.at(-1);
  const commission = new Map<string, number>();
  for (const sale of sales) add(commission, sale.currency.toLowerCase(), sale.commission);
  return [
    id === null
      ? h('span', { class: 'muted' }, 'Visitor')
      : h(
          'span',
          {},
          h('strong', {}, name ?? email ?? id),
          (name || email) && h('span', { class: 'muted id' }, ` ${id}`),
        ),
    click ? h('span', { class: 'tag click', title: `${click.id}, ${formatTime(click.at)}` }, click.id) : '',
    click?.partner ?? '',
    lead ? viewLeads(lead, leads) : '',
    sales.length > 0 ? viewSales(sales) : '',
    viewSums(commission),
    problems.size > 0 ? tag('error', String(problems.size)) : '',
  ];
}

/** The latest, and how many came before it. */
function viewLeads(latest: Lead, leads: Lead[]): HTMLElement {
  const names = leads.map(({ eventName }) => eventName).join(', ');
  const earlier = leads.length > 1 && ` + ${leads.length - 1}`;
  return h('span', { class: 'tag lead', title: names }, latest.eventName, earlier);
}

function viewSales(sales: Sale[]): HTMLElement {
  const revenue = new Map<string, number>();
  for (const sale of sales) add(revenue, sale.currency.toLowerCase(), sale.amount);
  const warning = sales.find((sale) => sale.warning !== null)?.warning;
  const kind = warning ? 'warning' : 'sale';
  return h(
    'span',
    { class: 'sales' },
    h('span', { class: `tag ${kind}`, title: warning }, warning && '⚠ ', viewSums(revenue)),
    sales.length > 1 && h('span', { class: 'muted' }, ` in ${sales.length}`, h('span', { class: 'wide' }, ' sales')),
  );
}

/** One line per currency, since a row is not wide enough for several. */
const viewSums = (sums: Map<string, number>): HTMLElement =>
  h('span', { class: sums.size > 1 && 'sums', title: sums.size > 1 && formatSums(sums) }, formatSums(sums, '\n'));

export const makeRequestGrid = (onOpen: (request: Request) => void): Grid<Request> =>
  new Grid({
    label: 'Requests',
    columns: ['#', 'Time', 'Request', 'Customer', 'Click', 'Status', 'Took', 'Notes'],
    keyOf: ({ id }) => String(id),
    cellsOf: describeRequest,
    isBad: isProblem,
    onOpen,
    empty: 'No requests yet.',
  });

function describeRequest(request: Request): Array<Node | string> {
  const { id, at, call, method, path, customerId, clickId, status, outcome, duration } = request;
  const state = isProblem(request) ? 'error' : outcome === 'pending' ? 'pending' : 'ok';
  return [
    h('span', { class: 'muted' }, id),
    h('time', {}, formatTime(at)),
    call === null ? `${method} ${path}` : tag(call, CALLS[call] ?? path.replace(/\?.*/, '')),
    customerId ?? '',
    clickId ? h('span', { class: 'tag click', title: clickId }, clickId) : '',
    tag(state, String(status ?? outcome)),
    formatDuration(duration),
    viewNotes(request),
  ];
}

function viewNotes({ faults, error, warning, repeat }: Request): HTMLElement {
  const text = [warning, error?.code, repeat && describeRepeat(repeat)].filter(Boolean).join(', ');
  return h(
    'span',
    { title: text || false },
    warning && tag('warning', '⚠ amount'),
    ...faults.map((fault) => tag('fault', fault)),
    error && ` ${error.code}`,
    repeat && (repeat.differs ? tag('warning', describeRepeat(repeat)) : ` ${describeRepeat(repeat)}`),
  );
}

export const makeOutboxGrid = (onOpen: (entry: OutboxEntry) => void): Grid<OutboxEntry> =>
  new Grid({
    label: 'Outbox',
    columns: ['Recorded', 'Call', 'Customer', 'State', 'Attempts', 'Why'],
    keyOf: ({ id }) => id,
    cellsOf: describeEntry,
    isBad: ({ state }) => state === 'parked',
    onOpen,
    empty: 'The outbox is empty.',
  });

function describeEntry({ recordedAt, call, customerId, state, attempts, ...entry }: OutboxEntry): Array<Node | string> {
  const { reason, error, deliverAt } = entry;
  const due = state === 'held' && deliverAt && `due ${formatTime(deliverAt)}`;
  const why = [due, reason, error && formatError(error)].filter(Boolean).join(' · ');
  return [
    h('time', {}, formatTime(recordedAt)),
    tag(call, `track.${call}`),
    customerId,
    tag(state, state),
    String(attempts),
    h('span', { title: why }, why),
  ];
}

const tag = (kind: string, text: string): HTMLElement => h('span', { class: `tag ${kind}` }, text);
