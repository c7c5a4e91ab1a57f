import type { DashboardState } from '../protocol.ts';
import { command, follow } from './connection.ts';
import { Detail } from './detail.ts';
import { find } from './dom.ts';
import { FaultPanel } from './faults.ts';
import { formatCount } from './format.ts';
import { viewFunnel } from './funnel.ts';
import { Model } from './model.ts';
import { makeCustomerGrid, makeRequestGrid } from './tables.ts';
import { startTheme } from './theme.ts';

type TableName = 'customers' | 'requests';

const model = new Model();
const faults = new FaultPanel();
const filter = find('filter', HTMLInputElement);
const errors = find('errors', HTMLInputElement);
const detail = new Detail(find('detail', HTMLElement), () => grids[shown].focus());
const grids = {
  customers: makeCustomerGrid((customer) => detail.showCustomer(model.findCustomer(customer.key) ?? customer)),
  requests: makeRequestGrid(({ id }) => detail.showRequest(id)),
};
let shown: TableName = 'customers';
let isScheduled = false;

/** Many events within one frame are drawn once. */
function draw(): void {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    find('count', HTMLOutputElement).textContent = `${formatCount(drawTable())} ${shown}`;
    find('funnel', HTMLElement).replaceChildren(...viewFunnel(model.totals));
    faults.show(model.faults);
    find('start', HTMLElement).hidden = model.requests.size > 0 || model.totals.leads + model.totals.sales > 0;
    detail.update(model);
  });
}

/** Returns the number of rows. */
function drawTable(): number {
  if (shown === 'customers') {
    const customers = model.findCustomers(filter.value, errors.checked);
    grids.customers.show(customers);
    return customers.length;
  }
  const requests = model.findRequests(filter.value, errors.checked);
  grids.requests.show(requests);
  return requests.length;
}

function showTable(name: TableName): void {
  shown = name;
  for (const other of ['customers', 'requests']) {
    const tab = find(`tab-${other}`, HTMLButtonElement);
    tab.setAttribute('aria-selected', String(other === name));
    tab.tabIndex = other === name ? 0 : -1;
    find(other, HTMLDivElement).hidden = other !== name;
  }
  draw();
}

function startTabs(): void {
  for (const name of ['customers', 'requests'] as const) {
    find(name, HTMLDivElement).append(grids[name].element);
    const tab = find(`tab-${name}`, HTMLButtonElement);
    const other = name === 'customers' ? 'requests' : 'customers';
    tab.addEventListener('click', () => showTable(name));
    tab.addEventListener('keydown', ({ key }) => {
      if (key !== 'ArrowLeft' && key !== 'ArrowRight') return;
      showTable(other);
      find(`tab-${other}`, HTMLButtonElement).focus();
    });
  }
}

function startKeys(): void {
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof HTMLInputElement && event.target.type !== 'checkbox';
    if (event.key === '/' && !isTyping) {
      event.preventDefault();
      filter.focus();
    }
    if (event.key === 'Escape' && event.target === filter) {
      filter.value = '';
      grids[shown].focus();
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
startKeys();
startReset();
filter.addEventListener('input', draw);
errors.addEventListener('change', draw);
follow({
  onState(state) {
    model.load(state);
    detail.close();
    showSandbox(state.sandbox);
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
