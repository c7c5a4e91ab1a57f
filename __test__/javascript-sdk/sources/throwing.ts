// A program for version 0.3 of the JavaScript SDK: methods return the response and throw typed errors.

import assert from 'node:assert/strict';
import {
  getClickIdFromCookie,
  getClickIdFromRequest,
  Refport,
  RefportAuthError,
  RefportError,
  RefportValidationError,
  type TrackSaleParams,
} from 'refport';

const { REFPORT_API_KEY: apiKey = '', REFPORT_BASE_URL: baseUrl, CLICK_ID: clickId = '' } = process.env;

const refport = new Refport({ apiKey, baseUrl });

const { publicToken, expires } = await refport.embedTokens.create({
  tenantId: 'tenant_7',
  partner: { email: 'grace@example.com' },
});
assert.match(publicToken, /^pt_/);
assert.ok(expires instanceof Date && expires.getTime() > Date.now());

const { sale } = await refport.track.sale({ clickId, customerExternalId: 'cus_7', amount: 4999, currency: 'usd' });
const status: string = sale.status;
assert.deepEqual([sale.amount, sale.currency, typeof status], [4999, 'usd', 'string']);

const lead = await refport.track.lead({ clickId, eventName: 'signup', customerExternalId: 'cus_7' });
assert.equal(lead?.click.id, clickId);

// A server in the style of Express, one in that of the Fetch API, and a bare header.
const cookie = `theme=dark; refp_id=${clickId}`;
const checkout = (req: { headers: Record<string, string | string[] | undefined>; cookies?: Record<string, string> }) =>
  getClickIdFromRequest(req);
assert.equal(checkout({ headers: { cookie } }), clickId);
assert.equal(checkout({ headers: {}, cookies: { refp_id: clickId } }), clickId);
assert.equal(getClickIdFromRequest(new Request('http://localhost/', { headers: { cookie } })), clickId);
assert.equal(getClickIdFromCookie(cookie), clickId);

async function report(params: TrackSaleParams): Promise<string> {
  try {
    await refport.track.sale(params);
    return 'reported';
  } catch (error) {
    if (error instanceof RefportValidationError) return `${error.status}: ${error.message}`;
    throw error;
  }
}
assert.match(await report({ clickId: 'nobody', customerExternalId: 'cus_7', amount: 1 }), /^400: ./);

const stranger = new Refport({ apiKey: 'rk_unknown', baseUrl });
await assert.rejects(stranger.embedTokens.create({ enrollmentId: 'enr_7' }), (error) => {
  assert.ok(error instanceof RefportAuthError && error instanceof RefportError);
  assert.deepEqual([error.status, error.code], [401, 'UNAUTHORIZED']);
  return true;
});
assert.throws(() => new Refport({ apiKey: '' }));
