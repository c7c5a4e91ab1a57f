'use strict';

const assert = require('node:assert/strict');
const { after, test } = require('node:test');
const { closeBrowser, openDashboard } = require('./support.js');

after(closeBrowser);

const SALE = { clickId: 'click_1', customerExternalId: 'user_1', amount: 100 };

test('each fault has a switch that works', async (t) => {
  const { sandbox, page, post } = await openDashboard(t);
  sandbox.fail({ on: 'sale', status: 429, times: Infinity, enabled: false });
  sandbox.fail({ on: 'lead', status: 503, times: Infinity });
  const control = page.getByRole('switch', { name: 'track.sale: status 429' });
  await control.waitFor();
  assert.equal(await control.isChecked(), false);
  assert.equal(await page.getByRole('switch', { name: 'track.lead: status 503' }).isChecked(), true);
  await control.click();
  await page.locator('#faults li.on', { hasText: '429' }).waitFor();
  assert.equal((await post('track/sale', SALE)).status, 429);
  await page.locator('#faults li', { hasText: '429' }).getByText('1×').waitFor();
  await control.click();
  await page.locator('#faults li:not(.on)', { hasText: '429' }).waitFor();
  assert.equal((await post('track/sale', SALE)).status, 200);
});

test('a switch keeps the focus while its fault is hit', async (t) => {
  const { sandbox, page, post } = await openDashboard(t);
  sandbox.fail({ on: 'sale', status: 429, times: Infinity });
  const control = page.getByRole('switch');
  await control.focus();
  await post('track/sale', SALE);
  await page.getByText('1×').waitFor();
  assert.equal(await control.evaluate((element) => element === document.activeElement), true);
});

test('faults are added and removed', async (t) => {
  const { sandbox, page, post } = await openDashboard(t);
  await page.getByLabel('Call').selectOption('track.sale');
  await page.getByLabel('Value').fill('503');
  await page.getByLabel('Chance').fill('50');
  await page.getByRole('button', { name: 'Add fault' }).click();
  await page.getByText('track.sale: status 503, 50% of the time').waitFor();
  await page.getByRole('button', { name: 'Remove track.sale: status 503' }).click();
  await page.locator('#faults li').waitFor({ state: 'detached' });
  assert.deepEqual(sandbox.faults, []);

  await page.getByLabel('Chance').fill('100');
  await page.getByLabel('Fault', { exact: true }).selectOption('reset, recorded');
  assert.equal(await page.getByLabel('Value').isDisabled(), true);
  await page.getByRole('button', { name: 'Add fault' }).click();
  await page.getByText('track.sale: connection reset, after it took effect').waitFor();
  await assert.rejects(post('track/sale', SALE));
  assert.equal(sandbox.sales.length, 1);

  await page.getByLabel('Fault', { exact: true }).selectOption('delay, ms');
  await page.getByLabel('Value').fill('250');
  await page.getByRole('button', { name: 'Add fault' }).click();
  await page.getByText('track.sale: 250 ms before the answer').waitFor();
});

test('the form offers every kind of fault, each with what it needs', async (t) => {
  const { page } = await openDashboard(t);
  for (const [fault, description] of [
    ['status', 'every call: status 429'],
    ['status, recorded', 'every call: status 503, after it took effect'],
    ['delay, ms', 'every call: 1000 ms before the answer'],
    ['reset', 'every call: connection reset'],
    ['reset, recorded', 'every call: connection reset, after it took effect'],
    ['reset half-way', 'every call: connection reset half-way through the answer'],
    ['HTML from a gateway', 'every call: own answer with status 502'],
  ]) {
    await page.getByLabel('Fault', { exact: true }).selectOption(fault);
    await page.getByRole('button', { name: 'Add fault' }).click();
    await page.getByRole('switch', { name: description, exact: true }).waitFor();
    await page.getByRole('button', { name: `Remove ${description}`, exact: true }).click();
    await page.locator('#faults li').waitFor({ state: 'detached' });
  }
});

test('what the sandbox refuses is said in its words', async (t) => {
  const { page } = await openDashboard(t, {}, { errors: /422/ });
  await page.getByLabel('Value').fill('200');
  await page.getByRole('button', { name: 'Add fault' }).click();
  await page.locator('#fault-error').getByText('status must be a whole number from 400 to 599, got 200').waitFor();
  await page.getByLabel('Value').fill('500');
  await page.getByRole('button', { name: 'Add fault' }).click();
  await page.getByText('every call: status 500').waitFor();
  // The event may be here before the answer to the form.
  await page.locator('#fault-error:empty').waitFor({ state: 'attached' });
  assert.equal(await page.locator('#fault-error').textContent(), '');
});
