'use strict';

const { findAmountWarning } = require('../api/amount.js');
const { redact } = require('./redaction.js');

/**
 * What the dashboard is told of each thing. README.md of the sandbox describes the shapes; `testing.d.ts` describes
 * where they come from.
 *
 * @typedef {import('../../types/testing.js').SandboxRequest} SandboxRequest
 */

/** @param {import('../../types/testing.js').SandboxClick} click */
const viewClick = ({ id, at, partner, link }) => ({ id, at, partner, link: link && `${link.domain}/${link.key}` });

/** @param {import('../../types/testing.js').SandboxLead} lead */
const viewLead = ({ id, at, requestId, params, response }) => ({
  id,
  at,
  requestId,
  clickId: params.clickId,
  customerId: params.customerExternalId,
  email: params.customerEmail ?? null,
  name: params.customerName ?? null,
  eventName: params.eventName,
  linked: response !== null,
});

/** @param {import('../../types/testing.js').SandboxSale} sale */
const viewSale = ({ id, at, requestId, params, response: { eventName, sale } }) => ({
  id,
  at,
  requestId,
  clickId: params.clickId,
  customerId: params.customerExternalId,
  email: params.customerEmail ?? null,
  name: params.customerName ?? null,
  eventName,
  amount: sale.amount,
  currency: sale.currency,
  commission: sale.commissionAmount,
  invoiceId: sale.invoiceId,
  warning: findAmountWarning(sale.amount),
});

/** @param {import('../../types/testing.js').SandboxToken} token */
const viewToken = ({ id, at, requestId, partner, expires }) => ({ id, at, requestId, partner, expires });

/** @param {SandboxRequest} request */
const viewRequest = ({ id, at, call, method, path, outcome, response, duration, faults, json }) => ({
  id,
  at,
  call,
  method,
  path: path.slice(0, 500),
  outcome,
  status: response?.status ?? null,
  duration,
  faults,
  error: response && response.status >= 400 ? readError(response.body) : null,
  customerId: readCustomer(json),
  warning: call === 'sale' ? findAmountWarning(Object(json).amount) : null,
});

/** @param {SandboxRequest} request */
const viewWholeRequest = (request) => ({
  ...viewRequest(request),
  httpVersion: request.httpVersion,
  path: request.path,
  headers: redact(request.headers),
  body: request.body,
  response: request.response,
});

/** @param {import('../../types/testing.js').Fault} fault */
const viewFault = ({ id, kind, on, enabled, hits, remaining, description }) => ({
  id,
  kind,
  on,
  enabled,
  hits,
  remaining: remaining === Infinity ? null : remaining,
  description,
});

/** @param {string} body */
function readError(body) {
  try {
    const { code, message } = JSON.parse(body).error;
    return { code: String(code), message: String(message) };
  } catch {
    return null;
  }
}

/** @param {unknown} json */
function readCustomer(json) {
  const id = /** @type {{ customerExternalId?: unknown } | null | undefined} */ (json)?.customerExternalId;
  return typeof id === 'string' ? id : null;
}

module.exports = { viewClick, viewLead, viewSale, viewToken, viewRequest, viewWholeRequest, viewFault };
