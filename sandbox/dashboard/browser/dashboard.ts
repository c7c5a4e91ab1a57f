import type { DashboardState } from '../protocol.ts';
import { command, follow } from './connection.ts';
import { Detail } from './detail.ts';
import { find } from './dom.ts';
import { FaultPanel } from './faults.ts';
import { formatCount } from './format.ts';
import { viewFunnel } from './funnel.ts';
import type { Grid } from './grid.ts';
import { type Customer, type Filter, Model } from './model.ts';
import { countStates, Outbox } from './outbox.ts';
import { makeCustomerGrid, makeOutboxGrid, makeRequestGrid } from './tables.ts';
import { startTheme } from './theme.ts';

/** A tab with its table. */
interface View {
  name: string;
  element: HTMLElement;
  focus(): void;
  /** Returns the number of rows, in words. */
  draw(filter: Filter): string;
}

const model = new Model();
const faults = new FaultPanel();
const text = find('filter', HTMLInputElement);
const errors = find('errors', HTMLInputElement);
const outbox = new Outbox(draw);
const detail = new Detail(find('detail', HTMLElement), model, outbox, () => shown.focus());

const customers = makeView(
  'customers',
  makeCustomerGrid((customer) => detail.showCustomer(model.findCustomer(customer.key) ?? customer)),
  (filter) => model.findCustomers(filter),
  countCustomers,
);
const requests = makeView(
  'requests',
  makeRequestGrid(({ id }) => detail.showRequest(id)),
  (filter) => model.findRequests(filter),
  (found) => formatCount(found.length, 'request'),
);
const outboxGrid = makeOutboxGrid(({ id }) => detail.showEntry(id));
const entries = makeView('outbox', outboxGrid, (filter) => outbox.filter(filter), countStates);
const views = [customers, requests, entries];
let shown: View = customers;
let isScheduled = false;

function makeView<T>(
  name: string,
  grid: Grid<T>,
  findItems: (filter: Filter) => T[],
  describe: (items: T[]) => string,
): View {
  const draw = (filter: Filter) => {
    const items = findItems(filter);
    grid.show(items);
    return describe(items);
  };
  return { name, element: grid.element, focus: () => grid.focus(), draw };
}

function countCustomers(found: Customer[]): string {
  const visitors = found.filter(({ id }) => id === null).length;
  const known = found.length - visitors;
  const parts = [
    ...(known > 0 || visitors === 0 ? [formatCount(known, 'customer')] : []),
    ...(visitors > 0 ? [formatCount(visitors, 'visitor')] : []),
  ];
  return parts.join(', ');
}

const readFilter = (): Filter => ({ text: text.value, errorsOnly: errors.checked });

/** Many events within one frame are drawn once. */
function draw(): void {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    find('count', HTMLOutputElement).textContent = shown.draw(readFilter());
    find('funnel', HTMLElement).replaceChildren(...viewFunnel(model.totals));
    faults.show(model.faults);
    find('start', HTMLElement).hidden = model.requests.size > 0 || model.totals.leads + model.totals.sales > 0;
    drawOutbox();
    detail.update();
  });
}

function drawOutbox(): void {
  const { status } = outbox;
  if (status === undefined) return;
  outboxGrid.empty = status.error ? status.error.message : 'The outbox is empty.';
  const parked = status.error ? 0 : status.parked;
  // Held entries are not due yet, and need nobody.
  const count = status.error ? 0 : status.pending + status.sending + parked;
  const badge = find('outbox-count', HTMLSpanElement);
  badge.textContent = count > 0 ? count.toLocaleString() : '';
  badge.classList.toggle('error', parked > 0);
}

function showView(view: View): void {
  shown = view;
  outbox.isShown = view === entries;
  if (outbox.isShown) outbox.read();
  for (const { name } of views) {
    const tab = find(`tab-${name}`, HTMLButtonElement);
    tab.setAttribute('aria-selected', String(name === view.name));
    tab.tabIndex = name === view.name ? 0 : -1;
    find(name, HTMLDivElement).hidden = name !== view.name;
  }
  draw();
}

function startTabs(): void {
  for (const [index, view] of views.entries()) {
    find(view.name, HTMLDivElement).append(view.element);
    const tab = find(`tab-${view.name}`, HTMLButtonElement);
    tab.addEventListener('click', () => showView(view));
    tab.addEventListener('keydown', ({ key }) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
      const usable = views.filter(({ name }) => !find(`tab-${name}`, HTMLButtonElement).hidden);
      const next = step && usable.at((index + step) % usable.length);
      if (!next) return;
      showView(next);
      find(`tab-${next.name}`, HTMLButtonElement).focus();
    });
  }
}

function startFilter(): void {
  const apply = () => {
    detail.applyFilter(readFilter());
    draw();
  };
  text.addEventListener('input', apply);
  errors.addEventListener('change', apply);
}

function startKeys(): void {
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof HTMLInputElement && event.target.type !== 'checkbox';
    if (event.key === '/' && !isTyping) {
      event.preventDefault();
      text.focus();
    }
    if (event.key === 'Escape' && event.target === text) {
      text.value = '';
      shown.focus();
      draw();
    } else if (event.key === 'Escape' && !find('confirm', HTMLDialogElement).open) detail.close();
  });
}

function startReset(): void {
  const dialog = find('confirm', HTMLDialogElement);
  find('reset', HTMLButtonElement).addEventListener('click', () => dialog.showModal());
  find('confirm-no', HTMLButtonElement).addEventListener('click', () => dialog.close());
  find('confirm-yes', HTMLButtonElement).addEventListener('click', async () => {
    dialog.close();
    await command('POST', 'reset', {});
  });
}

function showSandbox({ url, apiKey }: DashboardState['sandbox']): void {
  const variables = `REFPORT_BASE_URL=${url}\nREFPORT_API_KEY=${apiKey}\n`;
  find('address', HTMLElement).textContent = url;
  find('variables', HTMLPreElement).textContent = variables;
  const copy = find('copy', HTMLButtonElement);
  copy.onclick = async () => {
    await navigator.clipboard.writeText(variables);
    copy.textContent = 'Copied';
    setTimeout(() => copy.replaceChildren('Copy environment'), 1500);
  };
}

startTheme();
startTabs();
startFilter();
startKeys();
startReset();
follow({
  onState(state) {
    model.load(state);
    detail.close();
    showSandbox(state.sandbox);
    find('tab-outbox', HTMLButtonElement).hidden = state.outbox === null;
    if (state.outbox !== null) outbox.start();
    draw();
  },
  onEvent(event) {
    model.apply(event);
    draw();
  },
  onStatus(status) {
    const line = find('status', HTMLParagraphElement);
    line.dataset.state = status;
    line.textContent = status;
  },
});
