import type { Portal, PortalContent, PortalEvent, Problem } from '../protocol.ts';
import { find, h } from './dom.ts';
import { formatDate, formatMoney } from './format.ts';

// The partner portal as an app embeds it. It reports its height and its errors to the parent, in the messages that the
// companion packages understand.

const NAMES = { click: 'Somebody followed your link', lead: 'Somebody signed up', sale: 'Somebody paid' };
const EXPIRED = { code: 'TOKEN_EXPIRED', message: 'This link to the portal has expired.' };
const root = find('portal', HTMLElement);

function notifyParent(event: 'PAGE_HEIGHT' | 'ERROR', data: object): void {
  // Neither is a secret, and the portal cannot know where it is embedded.
  if (window.parent !== window) window.parent.postMessage({ event, data }, '*');
}

function showPortal({ name, link, clicks, leads, sales, earnings, latest }: Portal): void {
  const field = h('input', { readonly: '', value: link, 'aria-label': 'Your link', onfocus: () => field.select() });
  const copy = h('button', { type: 'button', onclick: () => copyLink(field, copy) }, 'Copy');
  const earned = Object.entries(earnings).map(([currency, amount]) => formatMoney(amount, currency));
  root.replaceChildren(
    h('h1', {}, `Hello ${name}`),
    h('p', { class: 'muted' }, 'Share your link and earn a commission on every purchase.'),
    h('div', { class: 'share' }, field, copy),
    h(
      'div',
      { class: 'figures' },
      figure('Clicks', clicks.toLocaleString()),
      figure('Sign-ups', leads.toLocaleString()),
      figure('Sales', sales.toLocaleString()),
      figure('Earned', ...(earned.length > 0 ? earned : ['–'])),
    ),
  );
  if (latest.length > 0) root.append(h('h2', {}, 'Latest'), h('ul', { class: 'latest' }, ...latest.map(viewEvent)));
}

const viewEvent = ({ type, at, earned }: PortalEvent): HTMLElement =>
  h(
    'li',
    {},
    h('span', {}, NAMES[type]),
    earned && h('b', {}, `+ ${formatMoney(earned.amount, earned.currency)}`),
    h('time', { class: 'muted' }, formatDate(at)),
  );

/** Several values are small, one below the other. */
const figure = (name: string, ...values: string[]): HTMLElement =>
  h(
    'div',
    { class: 'figure' },
    ...values.map((value) => h('b', { class: values.length > 1 && 'small' }, value)),
    h('span', { class: 'muted' }, name),
  );

function showError({ code, message }: Problem): void {
  root.replaceChildren(
    h('div', { class: 'error', role: 'alert' }, h('h1', {}, message), h('p', { class: 'muted' }, code)),
  );
  notifyParent('ERROR', { code, message });
}

async function copyLink(field: HTMLInputElement, button: HTMLButtonElement): Promise<void> {
  field.select();
  // An iframe may write to the clipboard only if its parent allows it; the text is selected either way.
  await navigator.clipboard.writeText(field.value).then(
    () => button.replaceChildren('Copied'),
    () => {},
  );
}

/** Applies the look that the app asked for: a theme, colours, and custom properties. */
function applyTheme(): void {
  const query = new URLSearchParams(location.search);
  const { style, dataset } = document.documentElement;
  const theme = query.get('theme');
  if (theme === 'light' || theme === 'dark') dataset.theme = theme;
  const { backgroundColor, primaryColor, textColor } = readObject(query.get('themeOptions'));
  const named = { '--background': backgroundColor, '--accent': primaryColor, '--text': textColor };
  for (const [property, value] of Object.entries({ ...named, ...readObject(query.get('cssVars')) })) {
    if (property.startsWith('--') && typeof value === 'string') style.setProperty(property, value);
  }
}

function readObject(text: string | null): Record<string, unknown> {
  try {
    return Object(JSON.parse(text ?? '{}'));
  } catch {
    return {};
  }
}

function start(content: PortalContent): void {
  applyTheme();
  if ('error' in content) {
    showError(content.error);
    return;
  }
  showPortal(content.data);
  const left = Date.parse(content.data.expires) - Date.now();
  // Browsers fire longer timers at once.
  if (left < 2 ** 31) setTimeout(() => showError(EXPIRED), left);
}

start(JSON.parse(find('content', HTMLScriptElement).text));
new ResizeObserver(() => notifyParent('PAGE_HEIGHT', { height: root.offsetHeight })).observe(root);
