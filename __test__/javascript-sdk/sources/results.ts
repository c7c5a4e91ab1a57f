// A program for version 0.4 of the JavaScript SDK, methods of which resolve `{ data, error }`; one import has changed.

import assert from 'node:assert/strict';
import { Refport, RefportAuthError, RefportValidationError, type Result, type TrackSaleResponse } from 'refport/result';

const { REFPORT_API_KEY: apiKey = '', REFPORT_BASE_URL: baseUrl, CLICK_ID: clickId = '' } = process.env;

const refport = new Refport({ apiKey, baseUrl });

const { data: token, error: tokenError } = await refport.embedTokens.create({
  tenantId: 'tenant_8',
  partner: { email: 'grace@example.com' },
});
assert.equal(tokenError, null);
assert.ok(token?.publicToken.startsWith('pt_') && token.expires instanceof Date);

const { error: saleError } = await refport.track.sale({
  clickId,
  customerExternalId: 'cus_8',
  amount: 4999,
  currency: 'usd',
});
assert.equal(saleError, null);

const { data: lead } = await refport.track.lead({ clickId, eventName: 'signup', customerExternalId: 'cus_8' });
assert.equal(lead?.link.programId, lead?.link.programId ?? null);
assert.equal(lead?.click.id, clickId);

function describeSale({ data, error }: Result<TrackSaleResponse>): string {
  if (error) {
    const kind = error instanceof RefportValidationError ? 'not valid' : error.name;
    return `${kind}: ${error.status} ${error.code}`;
  }
  // Known to be there.
  return data.sale.id;
}

const known = await refport.track.sale({ clickId, customerExternalId: 'cus_8', amount: 100 });
assert.doesNotMatch(describeSale(known), /:/);
const unknown = await refport.track.sale({ clickId: 'nobody', customerExternalId: 'cus_8', amount: 100 });
assert.equal(describeSale(unknown), 'not valid: 400 INVALID_CLICK_ID');
const { data, error } = await new Refport({ apiKey: 'rk_unknown', baseUrl }).embedTokens.create({ tenantId: 't' });
assert.ok(data === null && error instanceof RefportAuthError);
