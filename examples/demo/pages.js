'use strict';

/**
 * The shop's pages. Whatever a visitor typed goes through `inHtml`.
 *
 * @param {unknown} text
 */
const inHtml = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/**
 * What the browser SDK (`refport-js`) does on a landing page: it keeps the click id of the address for 90 days.
 */
const KEEP_CLICK_ID = `<script>
  const id = new URL(location.href).searchParams.get('refp_id');
  if (id) {
    document.cookie = 'refp_id=' + encodeURIComponent(id) + '; Max-Age=7776000; Path=/; SameSite=Lax';
    history.replaceState(null, '', location.pathname);
  }
</script>`;

/**
 * @param {string} title
 * @param {string} content
 */
const page = (title, content) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${inHtml(title)} · Paper Lantern</title>
<h1>${inHtml(title)}</h1>
${content}
</html>`;

/** @param {string | null} clickId */
const landing = (clickId) =>
  page(
    'Paper Lantern',
    `${KEEP_CLICK_ID}<p>Invoices that light up. ${clickId ? 'Welcome back!' : ''}</p><p><a href="/sign-up">Sign up</a></p>`,
  );

const signUp = () =>
  page(
    'Sign up',
    `<form method="post"><label>Name <input name="name" required></label>
<label>E-mail <input name="email" type="email" required></label><button>Sign up</button></form>`,
  );

/** @param {{ name: string } | undefined} customer */
const checkOut = (customer) =>
  page(
    'Checkout',
    `<p>Hello ${inHtml(customer?.name ?? 'stranger')}.</p>
<form method="post"><input type="hidden" name="amount" value="4900"><button>Pay $49.00</button></form>`,
  );

/**
 * @param {string} invoiceId
 * @param {number} amount
 */
const thanks = (invoiceId, amount) =>
  page(
    'Thank you',
    `<p>${inHtml(invoiceId)}: $${(amount / 100).toFixed(2)}</p><a href="/referrals">Refer a friend</a>`,
  );

/** @param {string} url */
const referrals = (url) => page('Refer a friend', `<iframe src="${inHtml(url)}" title="Partner portal"></iframe>`);

const notFound = () => page('Not found', '<p>There is no such page.</p>');

/** @param {string} message */
const failure = (message) => page('That did not work', `<p>${inHtml(message)}</p>`);

module.exports = { landing, signUp, checkOut, thanks, referrals, notFound, failure };
