import { randomBytes } from 'node:crypto';
import type { CreateEmbedTokenParams, TrackLeadParams, TrackSaleParams } from '../../index.js';
import type { SandboxClick, SandboxClickInput, SandboxLead, SandboxSale, SandboxToken } from '../../types/testing.js';
import { SandboxError } from '../errors.ts';
import type { Settings } from '../options.ts';
import { computeCommission } from './commission.ts';

/** The change a request made. */
export interface Effect {
  click?: SandboxClick;
  lead?: SandboxLead;
  sale?: SandboxSale;
  token?: SandboxToken;
}

export class UnknownClick extends Error {}

/** The API's data: clicks, customers, leads, sales and tokens. Independent of HTTP. */
export class State {
  readonly clicks: SandboxClick[] = [];
  readonly leads: SandboxLead[] = [];
  readonly sales: SandboxSale[] = [];
  readonly tokens: SandboxToken[] = [];
  #clickById = new Map<string, SandboxClick>();
  #customers = new Map<string, { email: string; name: string | null }>();
  #saleByInvoice = new Map<string, SandboxSale>();
  #tokenByText = new Map<string, SandboxToken>();
  #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.clear();
  }

  /** Returns to the clicks of the options. */
  clear(): void {
    for (const list of [this.clicks, this.leads, this.sales, this.tokens]) list.length = 0;
    for (const map of [this.#clickById, this.#customers, this.#saleByInvoice, this.#tokenByText]) map.clear();
    for (const click of this.#settings.clicks) this.addClick(click);
  }

  findClick(id: string): SandboxClick | undefined {
    return this.#clickById.get(id);
  }

  findToken(text: string): SandboxToken | undefined {
    return this.#tokenByText.get(text);
  }

  /** The sale that was recorded for an invoice. */
  readonly findInvoice = (invoiceId: string | undefined): SandboxSale | undefined =>
    invoiceId === undefined ? undefined : this.#saleByInvoice.get(invoiceId);

  /** @throws {SandboxError} if the id is taken */
  addClick({ id, partner = 'ada', link }: SandboxClickInput): SandboxClick {
    if (this.#clickById.has(id)) throw new SandboxError('INVALID_OPTION', `There is a click with id "${id}" already`);
    const url = this.#settings.appUrl;
    const defaults = { id: `link_${partner}`, domain: 'refport.test', key: partner, url, programId: 'program_1' };
    const click = {
      id,
      at: new Date(),
      partner: link === null ? null : partner,
      link: link === null ? null : { ...defaults, ...link },
    };
    this.apply({ click });
    return click;
  }

  /** @throws {UnknownClick} */
  recordLead(params: TrackLeadParams, requestId: number): SandboxLead {
    const click = this.#requireClick(params.clickId);
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

  /** @throws {UnknownClick} */
  recordSale(params: TrackSaleParams, requestId: number): SandboxSale {
    const click = this.#requireClick(params.clickId);
    const { amount, currency = 'usd', invoiceId = null, paymentProcessor = 'custom', eventName = 'Purchase' } = params;
    const commissionAmount = computeCommission(this.#settings.commission, { amount, currency, params, click });
    const id = this.sales.length + 1;
    const sale: SandboxSale = {
      id,
      at: new Date(),
      requestId,
      params,
      response: {
        eventName,
        customer: this.#describeCustomer(params),
        sale: { id: `sale_${id}`, amount, currency, commissionAmount, status: 'pending', invoiceId, paymentProcessor },
      },
    };
    this.apply({ sale });
    return sale;
  }

  recordToken(params: CreateEmbedTokenParams, requestId: number): SandboxToken {
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

  /** Applies a change that was just made or was read from the data file. */
  apply({ click, lead, sale, token }: Effect): void {
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

  #requireClick(id: string): SandboxClick {
    const click = this.findClick(id);
    if (!click) throw new UnknownClick(`There is no click with id "${id.slice(0, 100)}"`);
    return click;
  }

  #describeCustomer({ customerExternalId, customerEmail, customerName }: TrackLeadParams | TrackSaleParams) {
    const known = this.#customers.get(customerExternalId);
    return {
      externalId: customerExternalId,
      email: customerEmail ?? known?.email ?? '',
      name: customerName ?? known?.name ?? null,
    };
  }

  #rememberCustomer(params: TrackLeadParams | TrackSaleParams): void {
    const { externalId, email, name } = this.#describeCustomer(params);
    this.#customers.set(externalId, { email, name });
  }
}
