import { h } from './dom.mjs';

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Highlighting longer text would block the page. */
const COLOURED = 50_000;

/**
 * Text as it came, or laid out and coloured if it is JSON.
 *
 * @param {string} text
 */
export function viewJson(text) {
  if (text === '') return h('p', { class: 'muted' }, 'no body');
  const json = layOut(text);
  if (json === undefined || json.length > COLOURED) return h('pre', {}, json ?? text);
  const pre = h('pre');
  let end = 0;
  for (const match of json.matchAll(TOKEN)) {
    pre.append(json.slice(end, match.index));
    const [token, string, colon] = match;
    if (colon !== undefined) pre.append(h('span', { class: 'key' }, string), colon);
    else pre.append(h('span', { class: string === undefined ? 'atom' : 'string' }, token));
    end = match.index + token.length;
  }
  pre.append(json.slice(end));
  return pre;
}

/** @param {string} text */
function layOut(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return undefined;
  }
}
