import { h } from './dom.ts';

export interface GridOptions<T> {
  label: string;
  columns: string[];
  keyOf: (item: T) => string;
  cellsOf: (item: T) => Array<Node | string>;
  /** Whether to highlight the row. */
  isBad: (item: T) => boolean;
  onOpen: (item: T) => void;
  /** Shown when there is nothing. */
  empty: string;
}

/** Height of a row in pixels, as in tables.css. */
const ROW = 38;
/** Rows that are rendered beyond the visible part. */
const MARGIN = 8;
const MOVES: Record<string, (index: number, page: number, count: number) => number> = {
  ArrowDown: (index) => index + 1,
  ArrowUp: (index) => index - 1,
  PageDown: (index, page) => index + page,
  PageUp: (index, page) => index - page,
  Home: () => 0,
  End: (_index, _page, count) => count - 1,
};

/**
 * A table that renders only the visible rows, so that its cost does not grow with the number of items. The focus stays
 * on the table and a row is marked as active, since rows come and go.
 */
export class Grid<T> {
  readonly element: HTMLElement;
  #items: T[] = [];
  #options: GridOptions<T>;
  #table: HTMLTableElement;
  #body = h('tbody');
  #empty: HTMLElement;
  #prefix: string;
  #activeKey: string | undefined;

  constructor(options: GridOptions<T>) {
    this.#options = options;
    this.#prefix = options.label.toLowerCase();
    const columns = options.columns.map((name) => h('th', { scope: 'col' }, name));
    this.#table = h(
      'table',
      {
        role: 'grid',
        tabindex: 0,
        'aria-label': options.label,
        onkeydown: (event: KeyboardEvent) => this.#onKey(event),
        onclick: (event: MouseEvent) => this.#onClick(event),
      },
      h('thead', {}, h('tr', { role: 'row' }, ...columns)),
      this.#body,
    );
    this.#empty = h('p', { class: 'empty' }, options.empty);
    this.element = h('div', { class: 'scroller', onscroll: () => this.#render() }, this.#table, this.#empty);
    new ResizeObserver(() => this.#render()).observe(this.element);
  }

  /** The text that is shown instead of rows. */
  set empty(text: string) {
    this.#empty.textContent = text;
  }

  focus(): void {
    this.#table.focus();
  }

  show(items: T[]): void {
    const anchor = this.#anchor();
    this.#items = items;
    this.#empty.hidden = items.length > 0;
    this.#render();
    // New rows come in at the top; after scrolling down, the visible rows stay the same.
    if (anchor) {
      const index = items.findIndex((item) => this.#options.keyOf(item) === anchor.key);
      if (index === -1 || index === anchor.index) return;
      this.element.scrollTop += (index - anchor.index) * ROW;
      this.#render();
    }
  }

  #anchor(): { index: number; key: string } | undefined {
    const index = Math.floor(this.element.scrollTop / ROW);
    const item = this.#items[index];
    return index > 0 && item ? { index, key: this.#options.keyOf(item) } : undefined;
  }

  #render(): void {
    const { scrollTop, clientHeight } = this.element;
    // The position may be below the last item when a filter has left few of them.
    const first = Math.max(0, Math.min(Math.floor(scrollTop / ROW), this.#items.length) - MARGIN);
    const last = Math.min(this.#items.length, Math.ceil((scrollTop + clientHeight) / ROW) + MARGIN);
    const rows = this.#items.slice(first, last).map((item, offset) => this.#renderRow(item, first + offset));
    this.#body.replaceChildren(spacer(first), ...rows, spacer(this.#items.length - last));
    this.#table.setAttribute('aria-rowcount', String(this.#items.length + 1));
    const active = rows.find((row) => row.getAttribute('aria-selected') === 'true');
    if (active) this.#table.setAttribute('aria-activedescendant', active.id);
    else this.#table.removeAttribute('aria-activedescendant');
  }

  #renderRow(item: T, index: number): HTMLTableRowElement {
    const { keyOf, cellsOf, isBad } = this.#options;
    const attributes = {
      role: 'row',
      id: `${this.#prefix}-${index}`,
      class: isBad(item) && 'bad',
      'aria-rowindex': index + 2,
      'aria-selected': String(keyOf(item) === this.#activeKey),
    };
    return h('tr', attributes, ...cellsOf(item).map((cell) => h('td', { role: 'gridcell' }, cell)));
  }

  #onKey(event: KeyboardEvent): void {
    const current = this.#items.findIndex((item) => this.#options.keyOf(item) === this.#activeKey);
    const item = this.#items[current];
    if ((event.key === 'Enter' || event.key === ' ') && item) {
      event.preventDefault();
      this.#options.onOpen(item);
    }
    const move = MOVES[event.key];
    if (!move || event.altKey || event.ctrlKey || event.metaKey || this.#items.length === 0) return;
    event.preventDefault();
    const page = Math.max(1, Math.floor(this.element.clientHeight / ROW) - 2);
    const target = move(current, page, this.#items.length);
    this.#activate(Math.min(Math.max(target, 0), this.#items.length - 1));
  }

  #onClick(event: MouseEvent): void {
    const row = event.target instanceof Element ? event.target.closest('tr[aria-rowindex]') : null;
    const item = this.#activate(Number(row?.getAttribute('aria-rowindex')) - 2);
    if (item) this.#options.onOpen(item);
  }

  #activate(index: number): T | undefined {
    const item = this.#items[index];
    if (!item) return undefined;
    this.#activeKey = this.#options.keyOf(item);
    const head = this.#table.tHead?.offsetHeight ?? 0;
    const { scrollTop, clientHeight } = this.element;
    if (index * ROW < scrollTop) this.element.scrollTop = index * ROW;
    const bottom = (index + 1) * ROW + head - clientHeight;
    if (bottom > scrollTop) this.element.scrollTop = bottom;
    this.#render();
    return item;
  }
}

/** Takes the place of rows that are not rendered. */
function spacer(rows: number): HTMLTableRowElement {
  const row = h('tr', { 'aria-hidden': 'true', class: 'spacer' });
  row.style.height = `${rows * ROW}px`;
  return row;
}
