import { h } from './dom.mjs';
import { formatCount, formatSums } from './format.mjs';

/**
 * Clicks, leads, sales and their totals.
 *
 * @param {import('./model.mjs').Model['totals']} totals
 */
export function viewFunnel({ clicks, leads, sales, revenue, commission }) {
  return [
    step('Clicks', formatCount(clicks), 'visitors via a link'),
    step('Leads', formatCount(leads), clicks > 0 ? `${percent(leads, clicks)} of clicks` : ''),
    step('Sales', formatCount(sales), leads > 0 ? `${percent(sales, leads)} of leads` : ''),
    step('Commission', formatSums(commission) || '–', revenue.size > 0 ? `of ${formatSums(revenue)}` : ''),
  ];
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string} note
 */
const step = (name, value, note) =>
  h(
    'div',
    { class: 'step-card', 'data-step': name.toLowerCase() },
    h('h2', {}, name),
    h('p', { class: 'value' }, value),
    h('p', { class: 'muted' }, note),
  );

/**
 * @param {number} part
 * @param {number} whole
 */
const percent = (part, whole) => `${Math.round((100 * part) / whole)}%`;
