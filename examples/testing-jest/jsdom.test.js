/**
 * For tests of components: without `customExportConditions` in package.json, jsdom gets the package for browsers.
 *
 * @jest-environment jsdom
 */

const { Refport } = require('refport');
const { createSandbox } = require('refport/testing');
const { Shop } = require('./shop.js');

test('a form in jsdom signs up', async () => {
  const sandbox = await createSandbox();
  const shop = new Shop(new Refport({ apiKey: sandbox.apiKey, baseUrl: sandbox.url }));
  document.body.innerHTML = '<input id="email" value="grace@example.com">';
  const email = document.querySelector('#email').value;

  await shop.signUp({ headers: { cookie: `refp_id=${sandbox.clickId}` } }, { id: 'user_1', email });

  expect(Refport.engine).toBe('native');
  expect(sandbox.leads[0].params.customerEmail).toBe(email);
  await sandbox.close();
});
