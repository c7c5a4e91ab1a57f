'use strict';

const { Refport } = require('refport');
const { surviveAnOutage } = require('./outage.js');
const { printCall, printError, printStep, printVisit } = require('./print.js');
const { start } = require('./start.js');

/** One visitor from a partner's link to a purchase, then what goes wrong on other days, all printed. */
async function walk() {
  const { sandbox, refport, stop } = await start();
  sandbox.subscribe((event) => {
    if (event.type === 'request' && event.request.outcome !== 'pending') printCall(event.request);
  });
  try {
    const visit = await followPartnerLink(`${sandbox.url}/go/ada`);
    await buy(visit);
    await surviveAnOutage(sandbox);
    await failOnPurpose(sandbox, refport);
  } finally {
    await stop();
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
 * @param {import('refport/testing').Sandbox} sandbox
 * @param {Refport} refport
 */
async function failOnPurpose(sandbox, refport) {
  const { clickId } = sandbox;
  const sale = { clickId, customerExternalId: 'user_1', amount: 4900, invoiceId: 'invoice_2' };

  printStep('The API is busy: the client waits as told and tries again');
  sandbox.fail({ on: 'sale', status: 429, retryAfter: 1 });
  await refport.track.sale(sale);

  printStep('Errors are typed');
  const lead = { clickId, eventName: 'Sign up', customerExternalId: 'user_2' };
  await printError('a click that the API does not know', refport.track.lead({ ...lead, clickId: 'click_gone' }));
  // @ts-expect-error -- a required field is missing on purpose
  await printError('a field is missing, found before sending', refport.track.sale({ clickId, amount: 4900 }));
  const stranger = new Refport({ apiKey: 'wrong', baseUrl: sandbox.url });
  await printError('a wrong key', stranger.embedTokens.create({ tenantId: 'ada' }));
  sandbox.drop({ on: 'lead' });
  await printError('a connection that broke', refport.track.lead(lead, { maxRetries: 0 }));
  sandbox.delay({ on: 'lead', ms: 2000 });
  await printError('an answer that took too long', refport.track.lead(lead, { timeout: 200 }));
}

exports.walk = walk;
