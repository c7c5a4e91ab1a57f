const assert = require('node:assert/strict');
const { Refport, getClickIdFromCookie, RefportAuthError } = require('refport');
const { createSandbox } = require('refport/testing');

async function main() {
  const sandbox = await createSandbox();
  const refport = new Refport({ apiKey: sandbox.apiKey, baseUrl: sandbox.url });
  const clickId = getClickIdFromCookie(`theme=dark; refp_id=${sandbox.clickId}`) ?? '';
  await refport.track.sale({ clickId, customerExternalId: 'user_1', amount: 4900, invoiceId: 'in_1' });
  assert.equal(sandbox.sales[0].params.invoiceId, 'in_1');
  const stranger = new Refport({ apiKey: 'wrong', baseUrl: sandbox.url });
  await assert.rejects(stranger.embedTokens.create({ tenantId: 't' }), RefportAuthError);
  await sandbox.close();
  assert.equal(require('refport/package.json').name, 'refport');
  console.log('cjs works');
}

main();
