import { tell } from './connection.mjs';
import { find, h } from './dom.mjs';

/** @typedef {import('./model.mjs').Fault} Fault */

/** The switches of the faults, and the form that adds one. */
export class FaultPanel {
  #list = find('faults', HTMLUListElement);
  #problem = find('fault-error', HTMLParagraphElement);
  /** @type {Map<number, { item: HTMLLIElement, update: (fault: Fault) => void }>} */
  #entries = new Map();

  constructor() {
    const form = find('add-fault', HTMLFormElement);
    const value = /** @type {HTMLInputElement} */ (form.elements.namedItem('value'));
    const what = /** @type {HTMLSelectElement} */ (form.elements.namedItem('what'));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#attempt(() => tell('POST', 'faults', readForm(form)));
    });
    what.addEventListener('change', () => {
      value.disabled = what.value !== 'fail' && what.value !== 'delay';
      value.value = what.value === 'delay' ? '1000' : '429';
    });
  }

  /** @param {Fault[]} faults */
  show(faults) {
    const ids = new Set(faults.map(({ id }) => id));
    for (const [id, { item }] of this.#entries) {
      if (ids.has(id)) continue;
      item.remove();
      this.#entries.delete(id);
    }
    // Entries stay the elements they are: their hits change while somebody is about to press a key on them.
    for (const fault of faults) {
      const entry = this.#entries.get(fault.id) ?? this.#add(fault);
      entry.update(fault);
    }
  }

  /** @param {Fault} fault */
  #add({ id, description }) {
    const control = h('input', { type: 'checkbox', role: 'switch', id: `fault-${id}` });
    control.addEventListener('change', () => {
      this.#attempt(() => tell('PATCH', `faults/${id}`, { enabled: control.checked }));
    });
    const hits = h('span', { class: 'hits' });
    const remove = h(
      'button',
      {
        type: 'button',
        'aria-label': `Remove ${description}`,
        onclick: () => this.#attempt(() => tell('DELETE', `faults/${id}`, {})),
      },
      '✕',
    );
    const item = h('li', {}, control, h('label', { for: `fault-${id}` }, description), hits, remove);
    this.#list.append(item);
    const entry = {
      item,
      update: (/** @type {Fault} */ fault) => {
        control.checked = fault.enabled;
        item.classList.toggle('on', fault.enabled);
        hits.textContent = fault.hits > 0 ? `${fault.hits}×` : '';
      },
    };
    this.#entries.set(id, entry);
    return entry;
  }

  /** @param {() => Promise<unknown>} action */
  async #attempt(action) {
    try {
      await action();
      this.#problem.textContent = '';
    } catch (error) {
      this.#problem.textContent = error instanceof Error ? error.message : String(error);
    }
  }
}

/** @param {HTMLFormElement} form */
function readForm(form) {
  const { on, what, value, chance } = Object.fromEntries(new FormData(form));
  const common = { on, probability: Number(chance) / 100 };
  if (what === 'fail') return { kind: 'fail', status: Number(value), ...common };
  if (what === 'delay') return { kind: 'delay', ms: Number(value), ...common };
  return { kind: 'drop', when: what === 'drop-after' ? 'after' : 'before', ...common };
}
