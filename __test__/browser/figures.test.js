'use strict';

// What the dashboard counts and adds up, and how it says so.

const assert = require('node:assert/strict');
const { after, test } = require('node:test');
const { closeBrowser, openDashboard, rows } = require('./support.js');

after(closeBrowser);

const SALE = { clickId: 'click_1', customerExternalId: 'user_1' };

/**
 * @param {import('playwright-core').Page} page
 * @param {string} step
 */
const card = (page, step) => page.locator(`[data-step="${step}"]`);

test('several sales are a total, and how many they are', async (t) => {
  const { page, post } = await openDashboard(t);
  for (const amount of [100, 200, 300]) await post('track/sale', { ...SALE, amount });
  const cell = rows(page).filter({ hasText: 'user_1' }).locator('td').nth(4);
  await cell.getByText('$6.00').waitFor();
  assert.equal(await cell.textContent(), '$6.00 in 3 sales');
});

test('several leads are the latest, and how many came before it', async (t) => {
  const { page, post } = await openDashboard(t);
  for (const eventName of ['Sign up', 'Demo', 'Trial']) await post('track/lead', { ...SALE, eventName });
  const cell = rows(page).filter({ hasText: 'user_1' }).locator('td').nth(3);
  await cell.getByText('Trial').waitFor();
  assert.equal(await cell.textContent(), 'Trial + 2');
  assert.equal(await cell.locator('[title]').getAttribute('title'), 'Sign up, Demo, Trial');
});

test('leads and sales are compared with the people they came from', async (t) => {
  const { page, post } = await openDashboard(t, { clicks: ['click_1', 'click_2', 'click_3'] });
  const lead = { clickId: 'click_1', customerExternalId: 'user_1' };
  await post('track/lead', { ...lead, eventName: 'Sign up' });
  await post('track/lead', { ...lead, eventName: 'Trial' });
  await post('track/lead', { clickId: 'click_2', customerExternalId: 'user_2', eventName: 'Sign up' });
  for (const amount of [100, 200, 300, 400]) await post('track/sale', { ...SALE, amount });
  await card(page, 'sales').getByText('4', { exact: true }).waitFor();
  assert.deepEqual(await card(page, 'leads').locator('p').allTextContents(), ['3', 'from 2 of 3 visitors']);
  assert.deepEqual(await card(page, 'sales').locator('p').allTextContents(), ['4', 'from 1 of 2 customers']);
});

test('a visitor is not counted as a customer', async (t) => {
  const { page, post } = await openDashboard(t, { clicks: ['click_1', 'click_2', 'click_3'] });
  await page.getByText('3 visitors', { exact: true }).waitFor();
  await post('track/lead', { ...SALE, eventName: 'Sign up' });
  await page.getByText('1 customer, 2 visitors', { exact: true }).waitFor();
  await page.getByLabel('Filter').fill('user_1');
  await page.getByText('1 customer', { exact: true }).waitFor();
  await page.getByLabel('Filter').fill('nobody');
  await page.getByText('0 customers', { exact: true }).waitFor();
});

test('each currency has a line of its own, and the card is no higher than the others', async (t) => {
  const { page, post } = await openDashboard(t);
  for (const currency of ['usd', 'eur', 'jpy']) await post('track/sale', { ...SALE, amount: 5000, currency });
  const lines = card(page, 'commission').locator('p');
  await lines.nth(2).waitFor();
  assert.deepEqual(await lines.allTextContents(), ['$10.00 of $50.00', '€10.00 of €50.00', '¥1,000 of ¥5,000']);
  await post('track/sale', { ...SALE, amount: 5000, currency: 'gbp' });
  await lines.getByText('and 2 more').waitFor();
  assert.equal(await lines.count(), 3);
  const content = await page
    .locator('.step-card')
    .evaluateAll((cards) =>
      cards.map((one) => [...one.children].reduce((sum, child) => sum + child.getBoundingClientRect().height, 0)),
    );
  assert.ok(Number(content.at(-1)) <= Number(content[0]), String(content));
});

test('an invoice that was reported before says so, and whether the amount differs', async (t) => {
  const { page, post } = await openDashboard(t);
  const sale = { ...SALE, amount: 4900, invoiceId: 'in_1' };
  await post('track/sale', sale);
  await post('track/sale', { ...sale, currency: 'USD' });
  await post('track/sale', { ...sale, amount: 9900 });
  await rows(page).filter({ hasText: 'user_1' }).click();
  const detail = page.locator('#detail');
  await detail.getByText('in_1 counted already; amount differs').waitFor();
  assert.deepEqual(await detail.locator('.journey .tag').allTextContents(), ['click', 'sale', 'again', 'again']);
  await page.getByRole('tab', { name: 'Requests' }).click();
  await rows(page).nth(2).waitFor();
  assert.deepEqual(await rows(page).locator('td:last-child').allTextContents(), [
    'counted already; amount differs',
    ' counted already',
    '',
  ]);
  await rows(page).first().click();
  await detail.getByText('in_1 was counted already, by request #1; the amount differs: $49.00 there').waitFor();
  await page.getByLabel('Filter').fill('amount differs');
  await page.getByText('1 request', { exact: true }).waitFor();
});

test('the click id is in the rows of both tables', async (t) => {
  const { page, post } = await openDashboard(t);
  await post('track/lead', { ...SALE, eventName: 'Sign up' });
  await post('track/lead', { clickId: 'gone', customerExternalId: 'user_2', eventName: 'Sign up' });
  await rows(page).filter({ hasText: 'user_1' }).getByText('click_1', { exact: true }).waitFor();
  await page.getByRole('tab', { name: 'Requests' }).click();
  await rows(page).filter({ hasText: 'user_2' }).getByText('gone', { exact: true }).waitFor();
  await page.getByLabel('Filter').fill('gone');
  await page.getByText('1 request', { exact: true }).waitFor();
});
