import type { SandboxToken } from '../../types/testing.js';
import type { Core } from '../core.ts';
import type { Answer } from '../http/answer.ts';
import { readAsset } from './assets.ts';
import type { Portal, PortalContent, PortalEvent } from './protocol.ts';

export const PORTAL_PATH = '/embed/referrals';
const MAX_LATEST = 8;

/** The embedded partner portal: link, results and earnings. Without a valid token the page shows an error. */
export function openPortal(path: string, core: Core): Answer {
  const text = new URL(path, 'http://sandbox').searchParams.get('token') ?? '';
  const token = core.state.findToken(text);
  if (!token) {
    return page(401, core, { error: { code: 'UNAUTHORIZED', message: 'This link to the portal is not valid.' } });
  }
  if (token.expires.getTime() <= Date.now()) {
    return page(401, core, { error: { code: 'TOKEN_EXPIRED', message: 'This link to the portal has expired.' } });
  }
  return page(200, core, { data: collect(token, core) });
}

function collect({ partner, params, expires }: SandboxToken, { state, url }: Core): Portal {
  const clicks = state.clicks.filter((click) => click.partner === partner);
  const ids = new Set(clicks.map(({ id }) => id));
  const leads = state.leads.filter((lead) => ids.has(lead.params.clickId));
  const sales = state.sales.filter((sale) => ids.has(sale.params.clickId));
  const earnings: Record<string, number> = {};
  for (const { response } of sales) {
    const currency = response.sale.currency.toLowerCase();
    earnings[currency] = (earnings[currency] ?? 0) + response.sale.commissionAmount;
  }
  const events: PortalEvent[] = [
    ...clicks.map(({ at }) => ({ type: 'click' as const, at: at.toISOString() })),
    ...leads.map(({ at }) => ({ type: 'lead' as const, at: at.toISOString() })),
    ...sales.map(({ at, response: { sale } }) => ({
      type: 'sale' as const,
      at: at.toISOString(),
      earned: { amount: sale.commissionAmount, currency: sale.currency },
    })),
  ];
  events.sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
  return {
    name: params.partner?.name ?? params.partner?.email ?? partner,
    link: `${url}/go/${encodeURIComponent(partner)}`,
    expires: expires.toISOString(),
    clicks: clicks.length,
    leads: leads.length,
    sales: sales.length,
    earnings,
    latest: events.slice(0, MAX_LATEST),
  };
}

function page(status: number, { settings }: Core, content: PortalContent): Answer {
  // Within a script element only "<" can end the text early.
  const json = JSON.stringify(content).replaceAll('<', '\\u003c');
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    // The pages of apps under development, on any port of this machine.
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
