'use strict';

const { randomBytes } = require('node:crypto');
const { computeCommission } = require('./commission.js');
const { SandboxError } = require('../errors.js');

/**
 * @typedef {import('../../types/testing.js').SandboxClick} SandboxClick
 * @typedef {import('../../types/testing.js').SandboxClickInput} SandboxClickInput
 * @typedef {import('../../types/testing.js').SandboxLead} SandboxLead
 * @typedef {import('../../types/testing.js').SandboxSale} SandboxSale
 * @typedef {import('../../types/testing.js').SandboxToken} SandboxToken
 * @typedef {import('../../index.js').TrackLeadParams} TrackLeadParams
 * @typedef {import('../../index.js').TrackSaleParams} TrackSaleParams
 * @typedef {import('../../index.js').CreateEmbedTokenParams} CreateEmbedTokenParams
 *
 * @typedef {{ click?: SandboxClick, lead?: SandboxLead, sale?: SandboxSale, token?: SandboxToken }} Effect
 *   what a request changed
 */

/** What the API knows: clicks, customers, leads, sales and tokens. Independent of HTTP. */
class State {
  /** @type {SandboxClick[]} */
  clicks = [];
  /** @type {SandboxLead[]} */
  leads = [];
  /** @type {SandboxSale[]} */
  sales = [];
  /** @type {SandboxToken[]} */
  tokens = [];
  /** @type {Map<string, SandboxClick>} */
  #clickById = new Map();
  /** @type {Map<string, { email: string, name: string | null }>} */
  #customers = new Map();
  /** @type {Map<string, SandboxSale>} */
  #saleByInvoice = new Map();
  /** @type {Map<string, SandboxToken>} */
  #tokenByText = new Map();
  #settings;

  /** @param {import('../options.js').Settings} settings */
  constructor(settings) {
    this.#settings = settings;
    this.clear();
  }

  /** Back to the clicks of the options. */
  clear() {
    for (const list of [this.clicks, this.leads, this.sales, this.tokens]) list.length = 0;
    for (const map of [this.#clickById, this.#customers, this.#saleByInvoice, this.#tokenByText]) map.clear();
    for (const click of this.#settings.clicks) this.addClick(click);
  }

  /** @param {string} id */
  findClick(id) {
    return this.#clickById.get(id);
  }

  /** @param {string} text */
  findToken(text) {
    return this.#tokenByText.get(text);
  }

  /** @param {string} invoiceId */
  findInvoice(invoiceId) {
    return this.#saleByInvoice.get(invoiceId);
  }

  /**
   * @param {SandboxClickInput} input
   * @returns {SandboxClick}
   */
  addClick(input) {
    const click = this.makeClick(input);
    this.apply({ click });
    return click;
  }

  /**
   * @param {SandboxClickInput} input
   * @returns {SandboxClick} a click that is not known yet
   */
  makeClick({ id, partner = 'ada', link }) {
    if (this.#clickById.has(id)) throw new SandboxError('INVALID_OPTION', `There is a click with id "${id}" already`);
    const made = {
      id: `link_${partner}`,
      domain: 'refport.test',
      key: partner,
      url: this.#settings.appUrl,
      programId: 'program_1',
    };
    return {
      id,
      at: new Date(),
      partner: link === null ? null : partner,
      link: link === null ? null : { ...made, ...link },
    };
  }

  /**
   * @param {TrackLeadParams} params
   * @param {number} requestId
   * @returns {SandboxLead}
   */
  recordLead(params, requestId) {
    const click = /** @type {SandboxClick} */ (this.findClick(params.clickId));
    const response = click.link && {
      eventName: params.eventName,
      click: { id: click.id },
      link: click.link,
      customer: this.#describeCustomer(params),
    };
    const lead = { id: this.leads.length + 1, at: new Date(), requestId, params, response };
    this.apply({ lead });
    return lead;
  }

  /**
   * @param {TrackSaleParams} params
   * @param {number} requestId
   * @returns {SandboxSale}
   */
  recordSale(params, requestId) {
    const click = /** @type {SandboxClick} */ (this.findClick(params.clickId));
    const { amount, currency = 'usd', invoiceId = null, paymentProcessor = 'custom', eventName = 'Purchase' } = params;
    const commissionAmount = computeCommission(this.#settings.commission, { amount, currency, params, click });
    const id = this.sales.length + 1;
    const response = {
      eventName,
      customer: this.#describeCustomer(params),
      sale: {
        id: `sale_${id}`,
        amount,
        currency,
        commissionAmount,
        status: /** @type {const} */ ('pending'),
        invoiceId,
        paymentProcessor,
      },
    };
    const sale = { id, at: new Date(), requestId, params, response };
    this.apply({ sale });
    return sale;
  }

  /**
   * @param {CreateEmbedTokenParams} params
   * @param {number} requestId
   * @returns {SandboxToken}
   */
  recordToken(params, requestId) {
    const at = new Date();
    const token = {
      id: this.tokens.length + 1,
      at,
      requestId,
      params,
      publicToken: `pt_${randomBytes(24).toString('base64url')}`,
      expires: new Date(at.getTime() + this.#settings.tokenLifetime),
      partner: params.enrollmentId ?? params.tenantId ?? String(params.partner?.email).replace(/@.*/, ''),
    };
    this.apply({ token });
    return token;
  }

  /**
   * Applies an event, whether it happened just now or was read from the data file.
   *
   * @param {Effect} effect
   */
  apply({ click, lead, sale, token }) {
    if (click) {
      this.clicks.push(click);
      this.#clickById.set(click.id, click);
    }
    if (lead) {
      this.leads.push(lead);
      this.#rememberCustomer(lead.params);
    }
    if (sale) {
      this.sales.push(sale);
      this.#rememberCustomer(sale.params);
      if (sale.params.invoiceId !== undefined) this.#saleByInvoice.set(sale.params.invoiceId, sale);
    }
    if (token) {
      this.tokens.push(token);
      this.#tokenByText.set(token.publicToken, token);
    }
  }

  /** @param {TrackLeadParams | TrackSaleParams} params */
  #describeCustomer({ customerExternalId, customerEmail, customerName }) {
    const known = this.#customers.get(customerExternalId);
    return {
      externalId: customerExternalId,
      email: customerEmail ?? known?.email ?? '',
      name: customerName ?? known?.name ?? null,
    };
  }

  /** @param {TrackLeadParams | TrackSaleParams} params */
  #rememberCustomer(params) {
    const { externalId, email, name } = this.#describeCustomer(params);
    this.#customers.set(externalId, { email, name });
  }
}

exports.State = State;
