import { h } from './dom.mjs';

/**
 * @template T
 * @typedef {object} GridOptions
 * @property {string} label
 * @property {string[]} columns
 * @property {(item: T) => string} keyOf
 * @property {(item: T) => (Node | string)[]} cellsOf
 * @property {(item: T) => boolean} isBad whether to highlight it
 * @property {(item: T) => void} onOpen
 * @property {string} empty what to say when there is nothing
 */

const ROW = 38;
const MARGIN = 8;
/** @type {Record<string, (index: number, page: number, count: number) => number>} */
const MOVES = {
  ArrowDown: (index) => index + 1,
  ArrowUp: (index) => index - 1,
  PageDown: (index, page) => index + page,
  PageUp: (index, page) => index - page,
  Home: () => 0,
  End: (_index, _page, count) => count - 1,
};
/**
 * A table that holds rows for the visible part only, so that its cost does not grow with the number of items. The
 * focus stays on the table and a row is marked as active, since rows come and go.
 *
 * @template T
 */
export class Grid {
  /** @type {T[]} */
  #items = [];
  #options;
  #scroller;
  #table;
  #body = h('tbody');
  #empty;
  #prefix;
  /** @type {string | undefined} */
  #active;

  /** @param {GridOptions<T>} options */
  constructor(options) {
    this.#options = options;
    this.#prefix = options.label.toLowerCase();
    const head = h(
      'thead',
      {},
      h('tr', { role: 'row' }, ...options.columns.map((name) => h('th', { scope: 'col' }, name))),
    );
    this.#table = h(
      'table',
      {
        role: 'grid',
        tabindex: 0,
        'aria-label': options.label,
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onKey(event),
        onclick: (/** @type {MouseEvent} */ event) => this.#onClick(event),
      },
      head,
      this.#body,
    );
    this.#empty = h('p', { class: 'empty' }, options.empty);
    this.#scroller = h('div', { class: 'scroller', onscroll: () => this.#render() }, this.#table, this.#empty);
    new ResizeObserver(() => this.#render()).observe(this.#scroller);
  }

  get element() {
    return this.#scroller;
  }

  focus() {
    this.#table.focus();
  }

  /** @param {T[]} items */
  show(items) {
    const anchor = this.#anchor();
    this.#items = items;
    this.#empty.hidden = items.length > 0;
    this.#render();
    // New rows come in at the top; after scrolling down, the visible rows stay the same.
    if (anchor) {
      const index = items.findIndex((item) => this.#options.keyOf(item) === anchor.key);
      if (index === -1 || index === anchor.index) return;
      this.#scroller.scrollTop += (index - anchor.index) * ROW;
      this.#render();
    }
  }

  #anchor() {
    const index = Math.floor(this.#scroller.scrollTop / ROW);
    const item = this.#items[index];
    return index > 0 && item ? { index, key: this.#options.keyOf(item) } : undefined;
  }

  #render() {
    const { scrollTop, clientHeight } = this.#scroller;
    // The place may be far below the last item by now: a filter has just left few of them.
    const first = Math.max(0, Math.min(Math.floor(scrollTop / ROW), this.#items.length) - MARGIN);
    const last = Math.min(this.#items.length, Math.ceil((scrollTop + clientHeight) / ROW) + MARGIN);
    const rows = this.#items.slice(first, last).map((item, offset) => this.#renderRow(item, first + offset));
    this.#body.replaceChildren(spacer(first), ...rows, spacer(this.#items.length - last));
    this.#table.setAttribute('aria-rowcount', String(this.#items.length + 1));
    const active = rows.find((row) => row.getAttribute('aria-selected') === 'true');
    if (active) this.#table.setAttribute('aria-activedescendant', active.id);
    else this.#table.removeAttribute('aria-activedescendant');
  }

  /**
   * @param {T} item
   * @param {number} index
   */
  #renderRow(item, index) {
    const { keyOf, cellsOf, isBad } = this.#options;
    return h(
      'tr',
      {
        role: 'row',
        id: `${this.#prefix}-${index}`,
        class: isBad(item) && 'bad',
        'aria-rowindex': index + 2,
        'aria-selected': keyOf(item) === this.#active,
      },
      ...cellsOf(item).map((cell) => h('td', { role: 'gridcell' }, cell)),
    );
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const now = this.#items.findIndex((item) => this.#options.keyOf(item) === this.#active);
    const item = this.#items[now];
    if ((event.key === 'Enter' || event.key === ' ') && item) {
      event.preventDefault();
      this.#options.onOpen(item);
    }
    const move = MOVES[event.key];
    if (!move || event.altKey || event.ctrlKey || event.metaKey || this.#items.length === 0) return;
    event.preventDefault();
    const page = Math.max(1, Math.floor(this.#scroller.clientHeight / ROW) - 2);
    const target = move(now, page, this.#items.length);
    this.#activate(Math.min(Math.max(target, 0), this.#items.length - 1));
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    const row = event.target instanceof Element ? event.target.closest('tr[aria-rowindex]') : null;
    const index = Number(row?.getAttribute('aria-rowindex')) - 2;
    const item = this.#items[index];
    if (!item) return;
    this.#activate(index);
    this.#options.onOpen(item);
  }

  /** @param {number} index */
  #activate(index) {
    this.#active = this.#options.keyOf(/** @type {T} */ (this.#items[index]));
    const head = this.#table.tHead?.offsetHeight ?? 0;
    const { scrollTop, clientHeight } = this.#scroller;
    if (index * ROW < scrollTop) this.#scroller.scrollTop = index * ROW;
    const bottom = (index + 1) * ROW + head - clientHeight;
    if (bottom > scrollTop) this.#scroller.scrollTop = bottom;
    this.#render();
  }
}

/** @param {number} rows that are not there */
function spacer(rows) {
  const row = h('tr', { 'aria-hidden': 'true', class: 'spacer' });
  row.style.height = `${rows * ROW}px`;
  return row;
}
