import { find, h } from './dom.mjs';
import { formatCount, formatMoney, formatSums, formatTime } from './format.mjs';

/**
 * The partner portal as an app embeds it. It tells its parent how high it is, and what is wrong if something is, in
 * the messages that the companion packages understand.
 *
 * @typedef {import('../portal.js').PortalData} PortalData
 */

const NAMES = { click: 'Somebody followed your link', lead: 'Somebody signed up', sale: 'Somebody paid' };
const root = find('portal', HTMLElement);

/**
 * @param {'PAGE_HEIGHT' | 'ERROR'} event
 * @param {object} data
 */
function tellParent(event, data) {
  // Neither is a secret, and the portal cannot know where it is embedded.
  if (window.parent !== window) window.parent.postMessage({ event, data }, '*');
}

/** @param {PortalData} data */
function showPortal({ name, link, clicks, leads, sales, earnings, latest }) {
  const field = h('input', { readonly: '', value: link, 'aria-label': 'Your link', onfocus: () => field.select() });
  const copy = h('button', { type: 'button', onclick: () => copyLink(field, copy) }, 'Copy');
  const items = latest.map(({ type, at, earned }) =>
    h(
      'li',
      {},
      h('span', {}, NAMES[type]),
      earned && h('b', {}, `+ ${formatMoney(earned.amount, earned.currency)}`),
      h('time', { class: 'muted' }, formatTime(at)),
    ),
  );
  root.replaceChildren(
    h('h1', {}, `Hello ${name}`),
    h('p', { class: 'muted' }, 'Share your link and earn a commission on every purchase.'),
    h('div', { class: 'share' }, field, copy),
    h(
      'div',
      { class: 'figures' },
      figure('Clicks', formatCount(clicks)),
      figure('Sign-ups', formatCount(leads)),
      figure('Sales', formatCount(sales)),
      figure('Earned', formatSums(new Map(Object.entries(earnings))) || '–'),
    ),
    ...(items.length > 0 ? [h('h2', {}, 'Latest'), h('ul', { class: 'latest' }, ...items)] : []),
  );
}

/** @param {{ code: string, message: string }} error */
function showError({ code, message }) {
  root.replaceChildren(
    h('div', { class: 'error', role: 'alert' }, h('h1', {}, message), h('p', { class: 'muted' }, code)),
  );
  tellParent('ERROR', { code, message });
}

/**
 * @param {string} name
 * @param {string} value
 */
const figure = (name, value) => h('div', { class: 'figure' }, h('b', {}, value), h('span', { class: 'muted' }, name));

/**
 * @param {HTMLInputElement} field
 * @param {HTMLButtonElement} button
 */
async function copyLink(field, button) {
  field.select();
  // An iframe may write to the clipboard only if its parent allows it; the text is selected either way.
  await navigator.clipboard.writeText(field.value).then(
    () => {
      button.textContent = 'Copied';
    },
    () => {},
  );
}

/** The look that the app asked for: a theme, colours, and custom properties. */
function applyTheme() {
  const query = new URLSearchParams(location.search);
  const style = document.documentElement.style;
  const theme = query.get('theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  const { backgroundColor, primaryColor, textColor } = readObject(query.get('themeOptions'));
  const named = { '--background': backgroundColor, '--accent': primaryColor, '--text': textColor };
  for (const [property, value] of Object.entries({ ...named, ...readObject(query.get('cssVars')) })) {
    if (property.startsWith('--') && typeof value === 'string') style.setProperty(property, value);
  }
}

/**
 * @param {string | null} text
 * @returns {Record<string, unknown>}
 */
function readObject(text) {
  try {
    return Object(JSON.parse(text ?? '{}'));
  } catch {
    return {};
  }
}

/** @param {{ data: PortalData } | { error: { code: string, message: string } }} content */
function start(content) {
  applyTheme();
  if ('error' in content) return showError(content.error);
  showPortal(content.data);
  const left = Date.parse(content.data.expires) - Date.now();
  // Browsers run longer timers at once; nobody looks at the page for weeks.
  if (left < 2 ** 31) {
    setTimeout(() => showError({ code: 'TOKEN_EXPIRED', message: 'This link to the portal has expired.' }), left);
  }
}

start(JSON.parse(find('content', HTMLScriptElement).text));
new ResizeObserver(() => tellParent('PAGE_HEIGHT', { height: root.offsetHeight })).observe(root);
