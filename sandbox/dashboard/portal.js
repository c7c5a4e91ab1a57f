'use strict';

const { readAsset } = require('./assets.js');

/**
 * @typedef {import('../core.js').Core} Core
 * @typedef {import('../../types/testing.js').SandboxToken} SandboxToken
 *
 * @typedef {object} PortalData what the page shows; all of it is text that somebody else chose
 * @property {string} name
 * @property {string} link
 * @property {string} expires ISO 8601
 * @property {number} clicks
 * @property {number} leads
 * @property {number} sales
 * @property {Record<string, number>} earnings by currency, in its smallest unit
 * @property {Array<{ type: 'click' | 'lead' | 'sale', at: string, earned?: { amount: number, currency: string } }>} latest
 */

const PORTAL_PATH = '/embed/referrals';
const LATEST = 8;

/**
 * The partner's portal as it is embedded: their link, what came of it, and what they earn. Without a valid token the
 * same page shows an error, and tells its parent.
 *
 * @param {string} path with query
 * @param {Core} core
 * @returns {import('../http/answer.js').Answer}
 */
function openPortal(path, core) {
  const text = new URL(path, 'http://sandbox').searchParams.get('token') ?? '';
  const token = core.state.findToken(text);
  if (!token)
    return page(401, core, { error: { code: 'UNAUTHORIZED', message: 'This link to the portal is not valid.' } });
  if (token.expires.getTime() <= Date.now()) {
    return page(401, core, { error: { code: 'TOKEN_EXPIRED', message: 'This link to the portal has expired.' } });
  }
  return page(200, core, { data: collect(token, core) });
}

/**
 * @param {SandboxToken} token
 * @param {Core} core
 * @returns {PortalData}
 */
function collect({ partner, params, expires }, { state, url }) {
  const clicks = state.clicks.filter((click) => click.partner === partner);
  const ids = new Set(clicks.map(({ id }) => id));
  const leads = state.leads.filter((lead) => ids.has(lead.params.clickId));
  const sales = state.sales.filter((sale) => ids.has(sale.params.clickId));
  /** @type {Record<string, number>} */
  const earnings = {};
  for (const { response } of sales) {
    const currency = response.sale.currency.toLowerCase();
    earnings[currency] = (earnings[currency] ?? 0) + response.sale.commissionAmount;
  }
  const events = [
    ...clicks.map(({ at }) => ({ type: /** @type {const} */ ('click'), at })),
    ...leads.map(({ at }) => ({ type: /** @type {const} */ ('lead'), at })),
    ...sales.map(({ at, response: { sale } }) => ({
      type: /** @type {const} */ ('sale'),
      at,
      earned: { amount: sale.commissionAmount, currency: sale.currency },
    })),
  ].sort((one, other) => other.at.getTime() - one.at.getTime());
  return {
    name: params.partner?.name ?? params.partner?.email ?? partner,
    link: `${url}/go/${encodeURIComponent(partner)}`,
    expires: expires.toISOString(),
    clicks: clicks.length,
    leads: leads.length,
    sales: sales.length,
    earnings,
    latest: events.slice(0, LATEST).map((event) => ({ ...event, at: event.at.toISOString() })),
  };
}

/**
 * @param {number} status
 * @param {Core} core
 * @param {{ data: PortalData } | { error: { code: string, message: string } }} content
 * @returns {import('../http/answer.js').Answer}
 */
function page(status, { settings }, content) {
  // Within a script element only "<" can end the text before its time.
  const json = JSON.stringify(content).replaceAll('<', '\\u003c');
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    // The pages of apps under development, wherever they are served on this machine.
    `frame-ancestors 'self' http://localhost:* http://127.0.0.1:* https://localhost:* https://127.0.0.1:* ${new URL(settings.appUrl).origin}`,
  ];
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
    body: readAsset('portal.html').replace('>null<', () => `>${json}<`),
  };
}

module.exports = { openPortal, PORTAL_PATH };
