import type { Request, RequestDetails } from '../protocol.ts';
import { h } from './dom.ts';
import { formatCount, formatDuration, formatMoney, formatTime } from './format.ts';
import { viewJson } from './json-view.ts';
import { isProblem } from './model.ts';

/** A request and its response. */
export function viewRequest(request: RequestDetails): HTMLElement[] {
  const { call, method, path, httpVersion, headers, body, response, outcome, status, faults } = request;
  const when = `${formatTime(request.at)} · ${formatDuration(request.duration)} · HTTP/${httpVersion}`;
  return [
    h('p', { class: 'line' }, h('strong', {}, method), ` ${path}`),
    h(
      'p',
      { class: 'tags' },
      h('span', { class: `tag ${isProblem(request) ? 'error' : 'ok'}` }, status ?? outcome),
      h('span', { class: 'muted' }, when),
      ...faults.map((fault) => h('span', { class: 'tag fault' }, fault)),
    ),
    ...viewRemarks(request),
    h('h3', {}, 'Request'),
    viewHeaders(headers),
    viewJson(body),
    h('h3', {}, 'Response'),
    ...(call === 'portal' && status === 200
      ? [h('p', {}, h('a', { href: path, target: '_blank', rel: 'noreferrer' }, 'Open the portal'))]
      : []),
    ...(response
      ? [viewHeaders(response.headers), viewBody(response.headers['content-type'], response.body)]
      : [h('p', { class: 'muted' }, `none: ${outcome}`)]),
  ];
}

function viewRemarks({ warning, error, repeat }: Request): HTMLElement[] {
  const remarks = [];
  if (warning) remarks.push(h('p', { class: 'warning' }, `⚠ ${warning}`));
  if (error) remarks.push(h('p', { class: 'problem' }, `${error.code}: ${error.message}`));
  if (repeat) {
    const { invoiceId, requestId, amount, currency, differs } = repeat;
    const counted = `${invoiceId} was counted already, by request #${requestId}`;
    const text = differs ? `⚠ ${counted}; the amount differs: ${formatMoney(amount, currency)} there` : counted;
    remarks.push(h('p', { class: differs && 'warning' }, text));
  }
  return remarks;
}

/** A page is folded: nobody reads its HTML here. */
function viewBody(type: string | undefined, body: string): HTMLElement {
  if (!type?.startsWith('text/html')) return viewJson(body);
  return h('details', {}, h('summary', {}, `HTML (${formatCount(body.length, 'character')})`), h('pre', {}, body));
}

function viewHeaders(headers: RequestDetails['headers']): HTMLElement {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return h('details', {}, h('summary', {}, `Headers (${lines.length})`), h('pre', {}, lines.join('\n')));
}
