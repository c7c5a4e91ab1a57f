'use strict';

const { randomUUID } = require('node:crypto');
const { getClickIdFromRequest, RefportError } = require('../../index.js');
const pages = require('./pages.js');

/**
 * A small shop as a merchant could have it: sign-up, checkout and a page on which customers refer others. The three
 * places where it talks to Refport are `signUp`, `checkOut` and `showReferrals`.
 *
 * @param {import('../../index.js').Refport} refport
 * @param {string} portalUrl where the partner portal is embedded from
 * @returns {import('node:http').RequestListener}
 */
function createShop(refport, portalUrl) {
  /** @type {Map<string, { id: string, name: string, email: string }>} */
  const customers = new Map();
  let invoices = 0;

  /** @type {Record<string, (req: import('node:http').IncomingMessage, form: URLSearchParams) => Promise<Reply>>} */
  const routes = {
    'GET /': async (req) => ({ html: pages.landing(getClickIdFromRequest(req)) }),
    'GET /sign-up': async () => ({ html: pages.signUp() }),
    'POST /sign-up': signUp,
    'GET /checkout': async (req) => ({ html: pages.checkOut(findCustomer(req)) }),
    'POST /checkout': checkOut,
    'GET /referrals': showReferrals,
  };

  /** @type {(typeof routes)[string]} */
  async function signUp(req, form) {
    const customer = { id: `user_${customers.size + 1}`, name: form.get('name') ?? '', email: form.get('email') ?? '' };
    const session = randomUUID();
    customers.set(session, customer);
    const clickId = getClickIdFromRequest(req);
    if (clickId) {
      await refport.track.lead({
        clickId,
        eventName: 'Sign up',
        customerExternalId: customer.id,
        customerEmail: customer.email,
        customerName: customer.name,
      });
    }
    return { location: '/checkout', cookie: `session=${session}; Path=/; HttpOnly; SameSite=Lax` };
  }

  /** @type {(typeof routes)[string]} */
  async function checkOut(req, form) {
    const customer = findCustomer(req);
    if (!customer) return { location: '/sign-up' };
    invoices += 1;
    const invoiceId = `invoice_${invoices}`;
    const amount = Number(form.get('amount'));
    const clickId = getClickIdFromRequest(req);
    if (clickId) {
      await refport.track.sale({
        clickId,
        customerExternalId: customer.id,
        amount,
        currency: 'usd',
        invoiceId,
        paymentProcessor: 'stripe',
      });
    }
    return { html: pages.thanks(invoiceId, amount) };
  }

  /** @type {(typeof routes)[string]} */
  async function showReferrals(req) {
    const customer = findCustomer(req) ?? { name: 'Ada', email: 'ada@example.com' };
    const { publicToken } = await refport.embedTokens.create({
      tenantId: 'ada',
      partner: { email: customer.email, name: customer.name },
    });
    return { html: pages.referrals(`${portalUrl}/embed/referrals?token=${encodeURIComponent(publicToken)}`) };
  }

  /** @param {import('node:http').IncomingMessage} req */
  function findCustomer(req) {
    return customers.get(/(?:^|; )session=([^;]+)/.exec(req.headers.cookie ?? '')?.[1] ?? '');
  }

  return async (req, res) => {
    try {
      const route = routes[`${req.method} ${new URL(req.url ?? '/', 'http://shop').pathname}`];
      send(res, route ? await route(req, await readForm(req)) : { status: 404, html: pages.notFound() });
    } catch (error) {
      // A referral that could not be reported is the shop's to repair later, never the customer's problem; a demo
      // shows it instead.
      const status = error instanceof RefportError ? 502 : 500;
      send(res, {
        status,
        html: pages.failure(error instanceof Error ? `${error.name}: ${error.message}` : 'Unknown'),
      });
    }
  };
}

/**
 * @typedef {{ status?: number, html?: string, location?: string, cookie?: string }} Reply
 */

/**
 * @param {import('node:http').ServerResponse} res
 * @param {Reply} reply
 */
function send(res, { status, html = '', location, cookie }) {
  res.statusCode = status ?? (location ? 303 : 200);
  if (location) res.setHeader('location', location);
  if (cookie) res.setHeader('set-cookie', cookie);
  res.setHeader('content-type', 'text/html; charset=utf-8');
  res.end(html);
}

/** @param {import('node:http').IncomingMessage} req */
async function readForm(req) {
  let text = '';
  for await (const chunk of req) text += chunk;
  return new URLSearchParams(text);
}

exports.createShop = createShop;
