import type { OutboxEntryDetails } from '../protocol.ts';
import { command } from './connection.ts';
import { h } from './dom.ts';
import { formatCount, formatDate, formatError } from './format.ts';
import { viewJson } from './json-view.ts';

/** An entry of the outbox, and the decisions about it. */
export function viewEntry(entry: OutboxEntryDetails, onDecided: () => void): HTMLElement[] {
  const { id, call, state, reason, attempts, recordedAt, deliverAt, error, params } = entry;
  const due = deliverAt && state === 'held' ? ` · due ${formatDate(deliverAt)}` : '';
  const problem = h('p', { class: 'problem', role: 'alert' });
  const decide = (decision: 'resend' | 'discard') => async () => {
    await command('POST', `outbox/${decision}`, { id }).catch((failure: Error) =>
      problem.replaceChildren(failure.message),
    );
    onDecided();
  };
  const resend = h('button', { type: 'button', onclick: decide('resend') }, 'Send again');
  const discard = h('button', { type: 'button', class: 'danger', onclick: decide('discard') }, 'Discard');
  return [
    h('p', { class: 'line' }, id),
    h(
      'p',
      { class: 'tags' },
      h('span', { class: `tag ${state}` }, state),
      reason && h('span', { class: 'tag' }, reason),
      h('span', { class: 'muted' }, `track.${call} · ${formatCount(attempts, 'attempt')}`),
    ),
    h('p', { class: 'muted' }, `recorded ${formatDate(recordedAt)}${due}`),
    ...(error ? [h('p', { class: 'problem' }, formatError(error))] : []),
    h('p', { class: 'decisions' }, state === 'parked' && resend, state !== 'sending' && discard),
    problem,
    h('h3', {}, 'Parameters'),
    viewJson(JSON.stringify(params)),
  ];
}
