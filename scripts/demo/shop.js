'use strict';

const { randomUUID } = require('node:crypto');
const { getClickIdFromRequest, RefportError } = require('refport');
const pages = require('./pages.js');

/**
 * @typedef {import('node:http').IncomingMessage} Req
 * @typedef {{ id: string, name: string, email: string, note?: string | undefined }} Customer
 * @typedef {{ status?: number, html?: string, location?: string, cookie?: string }} Reply
 * @typedef {(req: Req, form: URLSearchParams) => Promise<Reply>} Route
 */

/**
 * A small shop as a merchant could have it: sign-up, checkout, and a page on which customers refer others. It talks to
 * Refport in three places: `signUp`, `pay` and `showReferrals`.
 *
 * @param {import('refport').Refport} refport
 * @param {string} portalUrl where the partner portal is embedded from
 * @returns {import('node:http').RequestListener}
 */
function createShop(refport, portalUrl) {
  /** @type {Map<string, Customer>} */
  const customers = new Map();
  // Other runs of the shop have other customers; the sandbox may remember theirs.
  const run = randomUUID().slice(0, 4);
  let invoices = 0;

  /** @type {Route} */
  async function signUp(req, form) {
    const session = randomUUID();
    /** @type {Customer} */
    const customer = {
      id: `user_${run}_${customers.size + 1}`,
      name: form.get('name') ?? '',
      email: form.get('email') ?? '',
    };
    customers.set(session, customer);
    const clickId = getClickIdFromRequest(req);
    if (clickId) {
      const lead = refport.track.lead({
        clickId,
        eventName: 'Sign up',
        customerExternalId: customer.id,
        customerEmail: customer.email,
        customerName: customer.name,
      });
      customer.note = await noteOf(lead);
    }
    return { location: '/checkout', cookie: `session=${session}; Path=/; HttpOnly; SameSite=Lax` };
  }

  /** @type {Route} */
  async function showCheckout(req) {
    const customer = findCustomer(req);
    return customer ? { html: pages.checkOut(customer, customer.note) } : { location: '/sign-up' };
  }

  /** @type {Route} */
  async function pay(req, form) {
    const customer = findCustomer(req);
    if (!customer) return { location: '/sign-up' };
    invoices += 1;
    const invoiceId = `invoice_${run}_${invoices}`;
    const amount = Number(form.get('amount'));
    const clickId = getClickIdFromRequest(req);
    if (!clickId) return { html: pages.thanks(invoiceId, amount) };
    const sale = refport.track.sale({
      clickId,
      customerExternalId: customer.id,
      amount,
      currency: 'usd',
      // With it the client can safely try again when it does not know whether the sale was recorded.
      invoiceId,
      paymentProcessor: 'stripe',
    });
    return { html: pages.thanks(invoiceId, amount, await noteOf(sale)) };
  }

  /** @type {Route} */
  async function showReferrals(req) {
    const { name, email } = findCustomer(req) ?? { name: 'Ada', email: 'ada@example.com' };
    const { publicToken } = await refport.embedTokens.create({ tenantId: 'ada', partner: { email, name } });
    return { html: pages.referrals(`${portalUrl}/embed/referrals?token=${encodeURIComponent(publicToken)}`) };
  }

  /** @param {Req} req */
  function findCustomer(req) {
    return customers.get(/(?:^|; )session=([^;]+)/.exec(req.headers.cookie ?? '')?.[1] ?? '');
  }

  /** @type {Record<string, Route>} */
  const routes = {
    'GET /': async () => ({ html: pages.landing() }),
    'GET /sign-up': async () => ({ html: pages.signUp() }),
    'POST /sign-up': signUp,
    'GET /checkout': showCheckout,
    'POST /checkout': pay,
    'GET /referrals': showReferrals,
  };

  return async (req, res) => {
    try {
      const route = routes[`${req.method} ${new URL(req.url ?? '/', 'http://shop').pathname}`];
      send(res, route ? await route(req, await readForm(req)) : { status: 404, html: pages.notFound() });
    } catch (error) {
      send(res, { status: 502, html: pages.failure(describe(error)) });
    }
  };
}

/**
 * A referral that could not be reported is for the merchant to look into, and never the customer's problem.
 *
 * @param {Promise<unknown>} report
 */
async function noteOf(report) {
  try {
    await report;
    return undefined;
  } catch (error) {
    if (!(error instanceof RefportError)) throw error;
    return `Not reported to Refport: ${describe(error)}`;
  }
}

/** @param {unknown} error */
const describe = (error) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));

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

/** @param {Req} req */
async function readForm(req) {
  let text = '';
  for await (const chunk of req) text += chunk;
  return new URLSearchParams(text);
}

exports.createShop = createShop;
