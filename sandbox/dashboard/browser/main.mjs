import { follow, tell } from './connection.mjs';
import { Detail } from './detail.mjs';
import { find } from './dom.mjs';
import { FaultPanel } from './faults.mjs';
import { formatCount } from './format.mjs';
import { viewFunnel } from './funnel.mjs';
import { Model } from './model.mjs';
import { makeCustomerGrid, makeRequestGrid } from './tables.mjs';
import { startTheme } from './theme.mjs';

const model = new Model();
const faults = new FaultPanel();
const filter = find('filter', HTMLInputElement);
const errors = find('errors', HTMLInputElement);
const detail = new Detail(find('detail', HTMLElement), () => tables[shown].grid.focus());

const tables = {
  customers: {
    grid: makeCustomerGrid((customer) => detail.showCustomer(model.findCustomer(customer.key) ?? customer)),
    find: () => model.findCustomers(filter.value, errors.checked),
  },
  requests: {
    grid: makeRequestGrid(({ id }) => detail.showRequest(id)),
    find: () => model.findRequests(filter.value, errors.checked),
  },
};
/** @type {keyof typeof tables} */
let shown = 'customers';

let scheduled = false;

/** Many events within one frame are drawn once. */
function draw() {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    const { grid, find: findItems } = tables[shown];
    const items = findItems();
    // The grids differ in what they hold; each gets what its own search found.
    /** @type {{ show(items: unknown[]): void }} */ (grid).show(items);
    find('count', HTMLOutputElement).textContent = `${formatCount(items.length)} ${shown}`;
    find('funnel', HTMLElement).replaceChildren(...viewFunnel(model.totals));
    faults.show(model.faults);
    find('start', HTMLElement).hidden = model.requests.size > 0 || model.totals.leads + model.totals.sales > 0;
    detail.update(model);
  });
}

/** @param {keyof typeof tables} name */
function showTable(name) {
  shown = name;
  for (const other of /** @type {const} */ (['customers', 'requests'])) {
    const tab = find(`tab-${other}`, HTMLButtonElement);
    tab.setAttribute('aria-selected', String(other === name));
    tab.tabIndex = other === name ? 0 : -1;
    find(other, HTMLDivElement).hidden = other !== name;
  }
  draw();
}

function startTabs() {
  for (const name of /** @type {const} */ (['customers', 'requests'])) {
    find(name, HTMLDivElement).append(tables[name].grid.element);
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

function startKeys() {
  document.addEventListener('keydown', (event) => {
    const typing = event.target instanceof HTMLInputElement && event.target.type !== 'checkbox';
    if (event.key === '/' && !typing) {
      event.preventDefault();
      filter.focus();
    }
    if (event.key === 'Escape' && event.target === filter) {
      filter.value = '';
      tables[shown].grid.focus();
      draw();
    } else if (event.key === 'Escape' && !find('confirm', HTMLDialogElement).open) detail.close();
  });
}

function startReset() {
  const dialog = find('confirm', HTMLDialogElement);
  find('reset', HTMLButtonElement).addEventListener('click', () => dialog.showModal());
  find('confirm-no', HTMLButtonElement).addEventListener('click', () => dialog.close());
  find('confirm-yes', HTMLButtonElement).addEventListener('click', async () => {
    dialog.close();
    await tell('POST', 'reset', {});
  });
}

/** @param {{ url: string, apiKey: string }} sandbox */
function showSandbox({ url, apiKey }) {
  const variables = `REFPORT_BASE_URL=${url}\nREFPORT_API_KEY=${apiKey}\n`;
  find('address', HTMLElement).textContent = url;
  find('variables', HTMLPreElement).textContent = variables;
  const copy = find('copy', HTMLButtonElement);
  copy.onclick = async () => {
    await navigator.clipboard.writeText(variables);
    copy.textContent = 'Copied';
    setTimeout(() => {
      copy.textContent = 'Copy environment';
    }, 1500);
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
  onEvent(type, data) {
    model.apply(type, data);
    draw();
  },
  onStatus(status) {
    const line = find('status', HTMLParagraphElement);
    line.dataset.state = status;
    line.textContent = status;
  },
});
