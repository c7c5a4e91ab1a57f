'use strict';

// The calls an SDK user can make, told apart by what a retry would mean: an ambiguous failure may be repeated only
// where the API can recognise the repetition, or where the caller said that a duplicate is harmless.

/**
 * @typedef {object} CallKind
 * @property {string} name
 * @property {string} path
 * @property {boolean} repeatable whether an ambiguous failure may be retried
 * @property {(refport: any, options?: object) => Promise<any>} send
 */

const answers = {
  '/api/track/lead': {
    eventName: 'Sign up',
    click: { id: 'clk_1' },
    link: { id: 'lnk_1', domain: 'refp.test', key: 'jane', url: 'https://shop.test/', programId: null },
    customer: { externalId: 'cus_1', email: null, name: null },
  },
  '/api/track/sale': {
    eventName: 'Purchase',
    customer: { externalId: 'cus_1', email: null, name: null },
    sale: {
      id: 'sal_1',
      amount: 4900,
      currency: 'usd',
      commissionAmount: 980,
      status: 'pending',
      invoiceId: null,
      paymentProcessor: 'custom',
    },
  },
  '/api/embed/token': { publicToken: 'pt_1', expires: '2030-01-01T00:00:00.000Z' },
};

/**
 * The body the real API would answer a request to `path`, under whatever prefix, with.
 * @param {string} [path]
 */
const answerTo = (path) => JSON.stringify(Object.entries(answers).find(([endpoint]) => path?.endsWith(endpoint))?.[1]);

const lead = { clickId: 'clk_1', eventName: 'Sign up', customerExternalId: 'cus_1' };
const sale = { clickId: 'clk_1', customerExternalId: 'cus_1', amount: 4900 };
const embed = { tenantId: 'ten_1' };

/** @type {CallKind[]} */
const callKinds = [
  {
    name: 'lead',
    path: '/api/track/lead',
    repeatable: false,
    send: (refport, options) => refport.track.lead(lead, options),
  },
  {
    name: 'lead with retryAmbiguous',
    path: '/api/track/lead',
    repeatable: true,
    send: (refport, options) => refport.track.lead(lead, { ...options, retryAmbiguous: true }),
  },
  {
    name: 'sale without invoiceId',
    path: '/api/track/sale',
    repeatable: false,
    send: (refport, options) => refport.track.sale(sale, options),
  },
  {
    name: 'sale without invoiceId, with retryAmbiguous',
    path: '/api/track/sale',
    repeatable: true,
    send: (refport, options) => refport.track.sale(sale, { ...options, retryAmbiguous: true }),
  },
  {
    name: 'sale with invoiceId',
    path: '/api/track/sale',
    repeatable: true,
    send: (refport, options) => refport.track.sale({ ...sale, invoiceId: 'inv_1' }, options),
  },
  {
    name: 'embed token',
    path: '/api/embed/token',
    repeatable: true,
    send: (refport, options) => refport.embedTokens.create(embed, options),
  },
];

module.exports = { callKinds, answerTo, lead, sale, embed };
