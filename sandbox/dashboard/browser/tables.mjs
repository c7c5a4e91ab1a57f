import { h } from './dom.mjs';
import { formatDuration, formatSums, formatTime } from './format.mjs';
import { Grid } from './grid.mjs';
import { add, isProblem } from './model.mjs';

/**
 * @typedef {import('./model.mjs').Customer} Customer
 * @typedef {import('./model.mjs').Request} Request
 */

/** @type {Record<string, string>} */
const CALLS = { lead: 'track.lead', sale: 'track.sale', token: 'embedTokens.create' };

/** @param {(customer: Customer) => void} onOpen */
export const makeCustomerGrid = (onOpen) =>
  new Grid({
    label: 'Customers',
    columns: ['Customer', 'Partner', 'Click', 'Lead', 'Sales', 'Commission', 'Errors'],
    keyOf: ({ key }) => key,
    cellsOf: describeCustomer,
    isBad: ({ problems }) => problems.size > 0,
    onOpen,
    empty: 'Nothing yet. Follow the partner link, or report a lead or a sale with the SDK.',
  });

/** @param {Customer} customer */
function describeCustomer({ id, name, email, clicks, leads, sales, problems }) {
  const [click] = clicks;
  const lead = leads.at(-1);
  const revenue = new Map();
  const commission = new Map();
  for (const sale of sales) {
    add(revenue, sale.currency.toLowerCase(), sale.amount);
    add(commission, sale.currency.toLowerCase(), sale.commission);
  }
  return [
    id === null
      ? h('span', { class: 'muted' }, 'Visitor')
      : h(
          'span',
          {},
          h('strong', {}, name ?? email ?? id),
          name || email ? h('span', { class: 'muted' }, ` ${id}`) : null,
        ),
    click?.partner ?? '',
    click ? tag('click', formatTime(click.at)) : '',
    lead ? tag('lead', leads.length > 1 ? `${leads.length} × ${lead.eventName}` : lead.eventName) : '',
    sales.length > 0 ? viewSales(sales, revenue) : '',
    viewSums(commission),
    problems.size > 0 ? tag('error', String(problems.size)) : '',
  ];
}

/**
 * @param {import('./model.mjs').Sale[]} sales
 * @param {Map<string, number>} revenue
 */
function viewSales(sales, revenue) {
  const warning = sales.find((sale) => sale.warning !== null)?.warning;
  const count = sales.length > 1 ? `${sales.length} × ` : '';
  const kind = warning ? 'warning' : 'sale';
  return h('span', { class: `tag ${kind}`, title: warning }, warning ? '⚠ ' : '', count, viewSums(revenue));
}

/**
 * Several currencies go one below the other, since a row is not wide enough for them.
 *
 * @param {Map<string, number>} sums
 */
const viewSums = (sums) =>
  h('span', { class: sums.size > 1 && 'sums', title: sums.size > 1 && formatSums(sums) }, formatSums(sums, '\n'));

/** @param {(request: Request) => void} onOpen */
export const makeRequestGrid = (onOpen) =>
  new Grid({
    label: 'Requests',
    columns: ['#', 'Time', 'Request', 'Customer', 'Status', 'Took', 'Notes'],
    keyOf: ({ id }) => String(id),
    cellsOf: describeRequest,
    isBad: isProblem,
    onOpen,
    empty: 'No requests yet.',
  });

/** @param {Request} request */
function describeRequest(request) {
  const { id, at, call, method, path, customerId, status, outcome, duration, faults, error, warning } = request;
  const state = isProblem(request) ? 'error' : outcome === 'pending' ? 'pending' : 'ok';
  return [
    h('span', { class: 'muted' }, id),
    h('time', {}, formatTime(at)),
    call === null ? `${method} ${path}` : tag(call, CALLS[call] ?? path.replace(/\?.*/, '')),
    customerId ?? '',
    tag(state, String(status ?? outcome)),
    formatDuration(duration),
    h(
      'span',
      { title: warning },
      warning ? tag('warning', '⚠ amount') : null,
      ...faults.map((fault) => tag('fault', fault)),
      error ? ` ${error.code}` : '',
    ),
  ];
}

/**
 * @param {string} kind
 * @param {string} text
 */
const tag = (kind, text) => h('span', { class: `tag ${kind}` }, text);
