'use strict';

// The dashboard on a phone.

const assert = require('node:assert/strict');
const { after, test } = require('node:test');
const { closeBrowser, openDashboard, rows } = require('./support.js');

after(closeBrowser);

const PHONE = { viewport: { width: 390, height: 844 } };
const LEAD = { clickId: 'click_1', eventName: 'Sign up', customerExternalId: 'user_1' };

test('the header is one line, and its buttons are in a menu', async (t) => {
  const { sandbox, page, post } = await openDashboard(t, {}, PHONE);
  await post('track/lead', LEAD);
  const header = await page.locator('header').boundingBox();
  assert.ok(header && header.height < 40, JSON.stringify(header));
  const reset = page.getByRole('button', { name: 'Reset' });
  assert.equal(await reset.isVisible(), false);
  await page.getByRole('button', { name: 'Menu' }).click();
  for (const name of ['Copy environment', 'Theme: system']) await page.getByRole('button', { name }).waitFor();
  await page.getByRole('link', { name: 'Partner link' }).waitFor();
  await reset.click();
  await page.getByRole('button', { name: 'Forget' }).click();
  await page.getByText('2 visitors', { exact: true }).waitFor();
  assert.equal(sandbox.leads.length, 0);
});

test('names are whole, and ids and the keys of a keyboard are left out', async (t) => {
  const { page, post } = await openDashboard(t, {}, PHONE);
  await post('track/lead', { ...LEAD, customerName: 'Edsger Wybe Dijkstra' });
  const name = rows(page).getByText('Edsger Wybe Dijkstra');
  await name.waitFor();
  const isWhole = await name.evaluate(
    ({ scrollWidth, clientWidth, scrollHeight, clientHeight }) =>
      scrollWidth <= clientWidth && scrollHeight <= clientHeight + 1,
  );
  assert.equal(isWhole, true);
  assert.equal(await rows(page).getByText('user_1', { exact: true }).isVisible(), false);
  assert.equal(await page.locator('kbd').first().isVisible(), false);
});
