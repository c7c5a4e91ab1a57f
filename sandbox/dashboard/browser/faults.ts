import type { Fault } from '../protocol.ts';
import { command } from './connection.ts';
import { find, h } from './dom.ts';

interface Entry {
  item: HTMLElement;
  update(fault: Fault): void;
}

/** The faults that the form offers: whether they take a value, and the options of each. */
const OFFERED: Record<string, { value?: number; options: (value: number) => object }> = {
  status: {
    value: 429,
    options: (status) => ({ kind: 'fail', status, ...(status === 429 ? { retryAfter: 1 } : undefined) }),
  },
  'status-after': { value: 503, options: (status) => ({ kind: 'fail', status, when: 'after' }) },
  delay: { value: 1000, options: (ms) => ({ kind: 'delay', ms }) },
  'drop-before': { options: () => ({ kind: 'drop', when: 'before' }) },
  'drop-after': { options: () => ({ kind: 'drop', when: 'after' }) },
  'drop-during': { options: () => ({ kind: 'drop', when: 'during' }) },
  gateway: {
    options: () => ({
      ...{ kind: 'reply', status: 502, body: '<h1>Bad gateway</h1>' },
      headers: { 'content-type': 'text/html' },
    }),
  },
};

/** The form that adds a fault, and the faults there are. */
export class FaultPanel {
  #list = find('faults', HTMLUListElement);
  #problem = find('fault-error', HTMLParagraphElement);
  #entries = new Map<number, Entry>();

  constructor() {
    const form = find('add-fault', HTMLFormElement);
    const value = find('fault-value', HTMLInputElement);
    const what = find('fault-what', HTMLSelectElement);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#attempt(() => command('POST', 'faults', readForm(form)));
    });
    what.addEventListener('change', () => {
      const initial = OFFERED[what.value]?.value;
      value.disabled = initial === undefined;
      value.value = String(initial ?? '');
    });
  }

  show(faults: Fault[]): void {
    const ids = new Set(faults.map(({ id }) => id));
    for (const [id, { item }] of this.#entries) {
      if (ids.has(id)) continue;
      item.remove();
      this.#entries.delete(id);
    }
    // The elements stay the same: hits change while somebody is about to press a key on one.
    for (const fault of faults) {
      const entry = this.#entries.get(fault.id) ?? this.#add(fault);
      entry.update(fault);
    }
  }

  #add({ id, description }: Fault): Entry {
    const control = h('input', { type: 'checkbox', role: 'switch', id: `fault-${id}` });
    control.addEventListener('change', () => {
      this.#attempt(() => command('PATCH', `faults/${id}`, { enabled: control.checked }));
    });
    const hits = h('span', { class: 'hits' });
    const onclick = () => this.#attempt(() => command('DELETE', `faults/${id}`, {}));
    const remove = h('button', { type: 'button', 'aria-label': `Remove ${description}`, onclick }, '✕');
    const item = h('li', {}, control, h('label', { for: `fault-${id}` }, description), hits, remove);
    this.#list.append(item);
    const entry = {
      item,
      update(fault: Fault) {
        control.checked = fault.enabled;
        item.classList.toggle('on', fault.enabled);
        hits.textContent = fault.hits > 0 ? `${fault.hits}×` : '';
      },
    };
    this.#entries.set(id, entry);
    return entry;
  }

  async #attempt(action: () => Promise<void>): Promise<void> {
    try {
      await action();
      this.#problem.textContent = '';
    } catch (error) {
      this.#problem.textContent = error instanceof Error ? error.message : String(error);
    }
  }
}

function readForm(form: HTMLFormElement): object {
  const { on, what, value, chance } = Object.fromEntries(new FormData(form));
  return { ...OFFERED[String(what)]?.options(Number(value)), on, probability: Number(chance) / 100 };
}
