'use strict';

// The pane with the details of a customer or a request.

const assert = require('node:assert/strict');
const { after, test } = require('node:test');
const { closeBrowser, openDashboard, rows } = require('./support.js');

after(closeBrowser);

const LEAD = { clickId: 'click_1', eventName: 'Sign up', customerExternalId: 'user_1' };

test('a filter that hides a request closes its details, and one that does not leaves them open', async (t) => {
  const { page, post } = await openDashboard(t);
  await post('track/lead', LEAD);
  await post('track/lead', { ...LEAD, customerExternalId: 'user_2' });
  await page.getByRole('tab', { name: 'Requests' }).click();
  await rows(page).filter({ hasText: 'user_1' }).click();
  const detail = page.locator('#detail');
  await detail.getByRole('heading', { name: 'Request #1' }).waitFor();
  const filter = page.getByLabel('Filter');
  await filter.fill('user_1');
  await page.getByText('1 request', { exact: true }).waitFor();
  assert.equal(await detail.isVisible(), true);
  await filter.fill('user_2');
  await detail.waitFor({ state: 'hidden' });
  // Whoever types goes on typing.
  assert.equal(await filter.evaluate((element) => element === document.activeElement), true);
});

test('so does "Errors only" for a customer without errors', async (t) => {
  const { page, post } = await openDashboard(t);
  await post('track/lead', LEAD);
  await rows(page).filter({ hasText: 'user_1' }).click();
  const detail = page.locator('#detail');
  await detail.getByRole('heading', { name: 'user_1' }).waitFor();
  await page.getByLabel('Errors only').check();
  await detail.waitFor({ state: 'hidden' });
});

test('the page of a portal is folded, and can be opened', async (t) => {
  const { sandbox, page, post } = await openDashboard(t);
  const { publicToken } = await (await post('embed/token', { tenantId: 'ada' })).json();
  const path = `/embed/referrals?token=${publicToken}`;
  await (await fetch(sandbox.url + path)).text();
  await page.getByRole('tab', { name: 'Requests' }).click();
  await rows(page).filter({ hasText: '/embed/referrals' }).click();
  const detail = page.locator('#detail');
  const summary = detail.getByText(/^HTML \([\d,]+ characters\)$/);
  await summary.waitFor();
  assert.equal(await detail.getByText('<!doctype html>').isVisible(), false);
  assert.equal(await detail.getByRole('link', { name: 'Open the portal' }).getAttribute('href'), path);
  await summary.click();
  await detail.getByText('<!doctype html>').waitFor();
});

test('what happened on another day has its date', async (t) => {
  const { page, post } = await openDashboard(t);
  await post('track/lead', LEAD);
  await page.clock.setFixedTime(Date.now() + 2 * 24 * 60 * 60 * 1000);
  await page.reload();
  await page.getByRole('tab', { name: 'Requests' }).click();
  await rows(page).first().waitFor();
  const time = await rows(page).locator('time').textContent();
  assert.match(time ?? '', /^[A-Z][a-z]{2} \d{1,2}, \d{2}:\d{2}$/);
});
