import { h } from './dom.ts';
import { formatMoney, formatTime } from './format.ts';
import { type Customer, describeRepeat } from './model.ts';

interface Step {
  at: string;
  kind: 'click' | 'lead' | 'sale' | 'again' | 'error';
  text: string;
  requestId?: number;
}

/** Everything a customer did, in order. */
export function viewCustomer(customer: Customer, openRequest: (id: number) => void): HTMLElement[] {
  const known = [customer.id, customer.email].filter(Boolean).join(' · ');
  const steps = stepsOf(customer).map((step) => h('li', {}, viewStep(step, openRequest)));
  return [h('p', { class: 'muted' }, known || 'has not signed up'), h('ol', { class: 'journey' }, ...steps)];
}

function stepsOf({ clicks, leads, sales, problems, repeats }: Customer): Step[] {
  const steps: Step[] = [
    ...clicks.map(({ at, id, partner }): Step => {
      return { at, kind: 'click', text: `${id} ${partner ? `via ${partner}` : 'without link'}` };
    }),
    ...leads.map(({ at, eventName, requestId }): Step => ({ at, kind: 'lead', text: eventName, requestId })),
    ...sales.map(({ at, requestId, warning, amount, commission, currency }): Step => {
      const money = `${formatMoney(amount, currency)} earns ${formatMoney(commission, currency)}`;
      return { at, kind: 'sale', text: `${warning ? '⚠ ' : ''}${money}`, requestId };
    }),
    ...[...repeats.values()].map(({ at, id, repeat }): Step => {
      return { at, kind: 'again', text: repeat ? `${repeat.invoiceId} ${describeRepeat(repeat)}` : '', requestId: id };
    }),
    ...[...problems.values()].map(({ at, id, status, outcome, error }): Step => {
      return { at, kind: 'error', text: `${status ?? outcome} ${error?.code ?? ''}`, requestId: id };
    }),
  ];
  return steps.sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
}

function viewStep({ at, kind, text, requestId }: Step, openRequest: (id: number) => void): HTMLElement {
  const parts = [h('span', { class: `tag ${kind}` }, kind), h('span', {}, text), h('time', {}, formatTime(at))];
  if (requestId === undefined) return h('div', { class: 'step' }, ...parts);
  return h('button', { type: 'button', class: 'step', onclick: () => openRequest(requestId) }, ...parts);
}
