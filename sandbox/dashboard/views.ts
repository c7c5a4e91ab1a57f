import type {
  Fault,
  SandboxClick,
  SandboxEvent,
  SandboxLead,
  SandboxRequest,
  SandboxSale,
  SandboxToken,
} from '../../types/testing.js';
import { findAmountWarning } from '../api/amount.ts';
import { isObject } from '../check.ts';
import { redact } from '../records/redaction.ts';
import type * as protocol from './protocol.ts';

// The sandbox's objects as the dashboard reads them.

export const viewClick = ({ id, at, partner, link }: SandboxClick): protocol.Click => ({
  id,
  at: at.toISOString(),
  partner,
  link: link && `${link.domain}/${link.key}`,
});

const viewCommon = ({ id, at, requestId, params }: SandboxLead | SandboxSale) => ({
  id,
  at: at.toISOString(),
  requestId,
  clickId: params.clickId,
  customerId: params.customerExternalId,
  email: params.customerEmail ?? null,
  name: params.customerName ?? null,
});

export const viewLead = (lead: SandboxLead): protocol.Lead => ({
  ...viewCommon(lead),
  eventName: lead.params.eventName,
  linked: lead.response !== null,
});

export function viewSale(recorded: SandboxSale): protocol.Sale {
  const { eventName, sale } = recorded.response;
  return {
    ...viewCommon(recorded),
    eventName,
    amount: sale.amount,
    currency: sale.currency,
    commission: sale.commissionAmount,
    invoiceId: sale.invoiceId,
    warning: findAmountWarning(sale.amount),
  };
}

export const viewToken = ({ id, at, requestId, partner, expires }: SandboxToken): protocol.Token => ({
  id,
  at: at.toISOString(),
  requestId,
  partner,
  expires: expires.toISOString(),
});

type FindSale = (invoiceId: string) => SandboxSale | undefined;

/** @param findSale - finds the sale that was recorded for an invoice */
export function viewRequest(request: SandboxRequest, findSale: FindSale): protocol.Request {
  const { id, at, call, method, path, outcome, response, duration, faults } = request;
  const params = isObject(request.json) ? request.json : {};
  return {
    id,
    at: at.toISOString(),
    call,
    method,
    path: path.slice(0, 500),
    outcome,
    status: response?.status ?? null,
    duration,
    faults,
    error: response && response.status >= 400 ? readError(response.body) : null,
    customerId: textOrNull(params.customerExternalId),
    clickId: textOrNull(params.clickId),
    warning: call === 'sale' ? findAmountWarning(params.amount) : null,
    repeat: call === 'sale' && response?.status === 200 ? findRepeat(id, params, findSale) : null,
  };
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function findRepeat(id: number, params: Record<string, unknown>, findSale: FindSale): protocol.Repeat | null {
  const { invoiceId, amount, currency = 'usd' } = params;
  const counted = typeof invoiceId === 'string' ? findSale(invoiceId) : undefined;
  if (typeof invoiceId !== 'string' || counted === undefined || counted.requestId === id) return null;
  const { sale } = counted.response;
  const differs = sale.amount !== amount || sale.currency.toLowerCase() !== String(currency).toLowerCase();
  return { invoiceId, requestId: counted.requestId, amount: sale.amount, currency: sale.currency, differs };
}

export const viewRequestDetails = (request: SandboxRequest, findSale: FindSale): protocol.RequestDetails => ({
  ...viewRequest(request, findSale),
  httpVersion: request.httpVersion,
  path: request.path,
  headers: redact(request.headers),
  body: request.body,
  response: request.response,
});

export const viewFault = ({ id, kind, on, enabled, hits, remaining, description }: Fault): protocol.Fault => ({
  id,
  kind,
  on,
  enabled,
  hits,
  remaining: remaining === Infinity ? null : remaining,
  description,
});

export function viewEvent(event: SandboxEvent, findSale: FindSale): protocol.DashboardEvent {
  switch (event.type) {
    case 'request':
      return { type: event.type, data: viewRequest(event.request, findSale) };
    case 'click':
      return { type: event.type, data: viewClick(event.click) };
    case 'lead':
      return { type: event.type, data: viewLead(event.lead) };
    case 'sale':
      return { type: event.type, data: viewSale(event.sale) };
    case 'token':
      return { type: event.type, data: viewToken(event.token) };
    case 'faults':
      return { type: event.type, data: event.faults.map(viewFault) };
    case 'reset':
      return { type: event.type, data: {} };
  }
}

function readError(body: string): protocol.Problem | null {
  try {
    const { code, message } = JSON.parse(body).error;
    return { code: String(code), message: String(message) };
  } catch {
    return null;
  }
}
