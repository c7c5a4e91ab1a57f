import { h } from './dom.ts';

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Highlighting longer text would block the page. */
const MAX_HIGHLIGHTED = 50_000;

/** Shows JSON indented and highlighted, other text unchanged. */
export function viewJson(text: string): HTMLElement {
  if (text === '') return h('p', { class: 'muted' }, 'no body');
  const json = indent(text);
  if (json === undefined || json.length > MAX_HIGHLIGHTED) return h('pre', {}, json ?? text);
  const pre = h('pre');
  let end = 0;
  for (const match of json.matchAll(TOKEN)) {
    pre.append(json.slice(end, match.index));
    const [token, string, colon] = match;
    if (string !== undefined && colon !== undefined) pre.append(h('span', { class: 'key' }, string), colon);
    else pre.append(h('span', { class: string === undefined ? 'atom' : 'string' }, token));
    end = match.index + token.length;
  }
  pre.append(json.slice(end));
  return pre;
}

function indent(text: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return undefined;
  }
}
