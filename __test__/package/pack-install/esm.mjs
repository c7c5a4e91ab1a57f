import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { getClickIdFromRequest, Refport, RefportError, RefportValidationError } from 'refport';
import { Refport as Results } from 'refport/result';
import { createSandbox } from 'refport/testing';

const required = createRequire(import.meta.url)('refport');
assert.equal(required.Refport, Refport);
assert.equal(required.RefportError, RefportError);

const sandbox = await createSandbox();
const options = { apiKey: sandbox.apiKey, baseUrl: sandbox.url };
const refport = new Refport(options);
const clickId =
  getClickIdFromRequest(new Request('http://localhost/', { headers: { cookie: `refp_id=${sandbox.clickId}` } })) ?? '';

const lead = await refport.track.lead({ clickId, eventName: 'Sign up', customerExternalId: 'user_1' });
assert.equal(lead?.click.id, sandbox.clickId);
const { sale } = await refport.track.sale({ clickId, customerExternalId: 'user_1', amount: 4900 });
assert.equal(sale.commissionAmount, 980);
const { expires } = await refport.embedTokens.create({ tenantId: 'tenant_1' });
assert.ok(expires > new Date());
await assert.rejects(
  refport.track.lead({ clickId: 'unknown', eventName: 'Sign up', customerExternalId: 'u' }),
  RefportValidationError,
);
const { data, error } = await new Results(options).embedTokens.create(/** @type {any} */ ({}));
assert.equal(data, null);
assert.ok(error instanceof RefportError);

await sandbox.close();
console.log('esm works');
