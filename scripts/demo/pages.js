'use strict';

const style = require('./style.js');

/**
 * The shop's pages. Whatever a visitor typed goes through `inHtml`.
 *
 * @param {unknown} text
 */
const inHtml = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** The part of the browser SDK (`refport-js`): keeps the click id of the address in a cookie for 90 days. */
const KEEP_CLICK_ID = `
const id = new URL(location.href).searchParams.get('refp_id');
if (id) {
  document.cookie = 'refp_id=' + encodeURIComponent(id) + '; Max-Age=7776000; Path=/; SameSite=Lax';
  history.replaceState(null, '', location.pathname);
}`;

/** The part of `@refport/react` around the portal: gives the frame the height that the portal asks for. */
const FIT_PORTAL = `
const frame = document.querySelector('iframe');
addEventListener('message', ({ source, data }) => {
  if (source === frame.contentWindow && data.event === 'PAGE_HEIGHT') frame.style.height = data.data.height + 'px';
});`;

/**
 * @param {string} title
 * @param {string} content
 * @param {string} [note] what the merchant's server has to say, in a real shop to its log
 */
const page = (title, content, note) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${inHtml(title)} · Paper Lantern</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<header><b>Paper Lantern</b><a href="/">Home</a><a href="/sign-up">Sign up</a><a href="/checkout">Buy</a><a href="/referrals">Refer a friend</a></header>
<main>
<h1>${inHtml(title)}</h1>
${content}
${note ? `<p class="note">${inHtml(note)}</p>` : ''}
</main>
</body>
</html>`;

const landing = () =>
  page(
    'Evenings, lit by paper',
    `<p class="lead">Hand-folded lanterns that arrive flat and open like a book.</p>
<p><a class="button" href="/sign-up">Create an account</a></p><script>${KEEP_CLICK_ID}</script>`,
  );

const signUp = () =>
  page(
    'Create your account',
    `<form method="post" class="card">
<label>Name <input name="name" required autocomplete="off"></label>
<label>E-mail <input name="email" type="email" required autocomplete="off"></label>
<button>Sign up</button>
</form>`,
  );

/**
 * @param {{ name: string }} customer
 * @param {string} [note]
 */
const checkOut = (customer, note) =>
  page(
    'Checkout',
    `<p class="lead">Good to have you here, ${inHtml(customer.name)}.</p>
<form method="post" class="card">
<div><div class="price">$49.00</div>One lantern, shipping included</div>
<input type="hidden" name="amount" value="4900"><button>Pay now</button>
</form>`,
    note,
  );

/**
 * @param {string} invoiceId
 * @param {number} amount
 * @param {string} [note]
 */
const thanks = (invoiceId, amount, note) =>
  page(
    'Thank you!',
    `<p class="lead">Your lantern is on its way. ${inHtml(invoiceId)}: $${(amount / 100).toFixed(2)}.</p>
<p><a class="button" href="/referrals">Refer a friend</a> &nbsp; <a href="/checkout">Buy another one</a></p>`,
    note,
  );

/** @param {string} url */
const referrals = (url) =>
  page(
    'Refer a friend',
    `<p class="lead">The portal below comes from Refport.</p>
<iframe src="${inHtml(url)}" title="Partner portal" allow="clipboard-write"></iframe><script>${FIT_PORTAL}</script>`,
  );

const notFound = () => page('Not found', '<p class="lead">There is no such page.</p>');

/** @param {string} message */
const failure = (message) => page('That did not work', '<p class="lead">Please try again.</p>', message);

module.exports = { landing, signUp, checkOut, thanks, referrals, notFound, failure };
