import { h } from './dom.ts';
import { formatCount, formatSums } from './format.ts';
import type { Totals } from './model.ts';

/** Clicks, leads, sales and their totals. */
export const viewFunnel = ({ clicks, leads, sales, revenue, commission }: Totals): HTMLElement[] => [
  step('Clicks', formatCount(clicks), 'visitors via a link'),
  step('Leads', formatCount(leads), clicks > 0 ? `${percent(leads, clicks)} of clicks` : ''),
  step('Sales', formatCount(sales), leads > 0 ? `${percent(sales, leads)} of leads` : ''),
  step('Commission', formatSums(commission) || '–', revenue.size > 0 ? `of ${formatSums(revenue)}` : ''),
];

const step = (name: string, value: string, note: string): HTMLElement =>
  h(
    'div',
    { class: 'step-card', 'data-step': name.toLowerCase() },
    h('h2', {}, name),
    h('p', { class: 'value' }, value),
    h('p', { class: 'muted' }, note),
  );

const percent = (part: number, whole: number): string => `${Math.round((100 * part) / whole)}%`;
