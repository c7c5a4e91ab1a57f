import { h } from './dom.ts';
import { formatCount, formatMoney, formatSums } from './format.ts';
import type { Totals } from './model.ts';

/** Lines that fit into a card. */
const MAX_LINES = 3;

/** Clicks, leads, sales and their totals. */
export function viewFunnel({ clicks, leads, sales, signedUp, customers, paying, revenue, commission }: Totals) {
  return [
    card('Clicks', number(clicks), note('visitors via a link')),
    card('Leads', number(leads), note(clicks > 0 ? `from ${signedUp} of ${formatCount(clicks, 'visitor')}` : '')),
    card('Sales', number(sales), note(customers > 0 ? `from ${paying} of ${formatCount(customers, 'customer')}` : '')),
    card(
      'Commission',
      ...(commission.size > 1 ? viewCurrencies(commission, revenue) : viewCurrency(commission, revenue)),
    ),
  ];
}

const card = (name: string, ...content: HTMLElement[]): HTMLElement =>
  h('div', { class: 'step-card', 'data-step': name.toLowerCase() }, h('h2', {}, name), ...content);
const number = (count: number): HTMLElement => h('p', { class: 'value' }, count.toLocaleString());
const note = (text: string): HTMLElement => h('p', { class: 'muted' }, text);

type Sums = ReadonlyMap<string, number>;

const viewCurrency = (commission: Sums, revenue: Sums): HTMLElement[] => [
  h('p', { class: 'value' }, formatSums(commission) || '–'),
  note(revenue.size > 0 ? `of ${formatSums(revenue)}` : ''),
];

/** One small line per currency, so that the card is no higher than the others. */
function viewCurrencies(commission: Sums, revenue: Sums): HTMLElement[] {
  const lines = [...commission].map(([currency, amount]) => [
    formatMoney(amount, currency),
    ` of ${formatMoney(revenue.get(currency) ?? 0, currency)}`,
  ]);
  const shown = lines.length > MAX_LINES ? lines.slice(0, MAX_LINES - 1) : lines;
  const rest = lines.slice(shown.length).map((line) => line.join(''));
  return [
    ...shown.map(([earned = '', total = '']) =>
      h('p', { class: 'currency' }, h('b', {}, earned), h('span', { class: 'muted' }, total)),
    ),
    ...(rest.length > 0
      ? [h('p', { class: 'currency muted', title: rest.join('\n') }, `and ${rest.length} more`)]
      : []),
  ];
}
