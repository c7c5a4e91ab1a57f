'use strict';

const { once } = require('node:events');
const { createServer } = require('node:http');
const { Refport } = require('../../index.js');
const { createSandbox } = require('../../testing.js');
const { createShop } = require('./shop.js');
const { printCall, printError, printStep, printVisit } = require('./print.js');

/** One visitor from a partner's link to a purchase, then what goes wrong on other days, all printed. */
async function walk() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const shopUrl = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
  const sandbox = await createSandbox({ appUrl: shopUrl });
  const refport = new Refport({ apiKey: sandbox.apiKey, baseUrl: sandbox.url });
  server.on('request', createShop(refport, sandbox.url));
  const stopPrinting = sandbox.subscribe((event) => {
    if (event.type === 'request' && event.request.outcome !== 'pending') printCall(event.request);
  });
  try {
    const visitor = await followPartnerLink(`${sandbox.url}/go/ada`);
    await buy(visitor);
    await failOnPurpose(sandbox, refport);
  } finally {
    stopPrinting();
    server.closeAllConnections();
    server.close();
    await sandbox.close();
  }
}

/**
 * @typedef {(method: string, path: string, form?: Record<string, string>) => Promise<void>} Visit
 *
 * @param {string} link
 * @returns {Promise<Visit>}
 */
async function followPartnerLink(link) {
  printStep('A visitor follows a partner’s link');
  const redirect = await fetch(link, { redirect: 'manual' });
  const landing = new URL(redirect.headers.get('location') ?? '');
  const cookies = [`refp_id=${encodeURIComponent(landing.searchParams.get('refp_id') ?? '')}`];
  /** @type {Visit} */
  const visit = async (method, path, form) => {
    const response = await fetch(new URL(path, landing), {
      method,
      headers: { cookie: cookies.join('; ') },
      redirect: 'manual',
      ...(form && { body: new URLSearchParams(form) }),
    });
    const [session] = response.headers.getSetCookie();
    if (session) cookies.push(session.replace(/;.*/, ''));
    printVisit(method, path, response.status, form);
  };
  await visit('GET', `/${landing.search}`);
  return visit;
}

/** @param {Visit} visit */
async function buy(visit) {
  printStep('The visitor signs up: the shop reports a lead');
  await visit('POST', '/sign-up', { name: 'Grace', email: 'grace@example.com' });
  printStep('The customer pays: the shop reports a sale');
  await visit('POST', '/checkout', { amount: '4900' });
  printStep('The customer becomes a partner: the shop mints a token for the embedded portal');
  await visit('GET', '/referrals');
}

/**
 * @param {import('../../testing.js').Sandbox} sandbox
 * @param {Refport} refport
 */
async function failOnPurpose(sandbox, refport) {
  const { clickId } = sandbox;
  const sale = { clickId, customerExternalId: 'user_1', amount: 4900, invoiceId: 'invoice_2' };

  printStep('The API is busy: the client waits as told and tries again');
  sandbox.fail({ on: 'sale', status: 429, retryAfter: 1 });
  await refport.track.sale(sale);

  printStep('Errors are typed');
  await printError(refport.track.lead({ clickId: 'click_gone', eventName: 'Sign up', customerExternalId: 'user_2' }));
  // @ts-expect-error -- a required field is missing on purpose
  await printError(refport.track.sale({ clickId, customerExternalId: 'user_1' }));
  await printError(new Refport({ apiKey: 'wrong', baseUrl: sandbox.url }).embedTokens.create({ tenantId: 'ada' }));
  sandbox.drop({ on: 'lead' });
  await printError(
    refport.track.lead({ clickId, eventName: 'Sign up', customerExternalId: 'user_3' }, { maxRetries: 0 }),
  );
  sandbox.delay({ on: 'lead', ms: 2000 });
  await printError(
    refport.track.lead({ clickId, eventName: 'Sign up', customerExternalId: 'user_4' }, { timeout: 200 }),
  );
}

exports.walk = walk;
