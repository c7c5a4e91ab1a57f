'use strict';

// The app's outbox in the dashboard.

const assert = require('node:assert/strict');
const path = require('node:path');
const { after, test } = require('node:test');
const { openOutbox, temporaryFolder } = require('../support/outbox.js');
const { closeBrowser, openDashboard, rows } = require('./support.js');

after(closeBrowser);

const LEAD = { clickId: 'click_1', eventName: 'Sign up', customerExternalId: 'user_1' };

test('what is parked is sent again and what is held discarded, both live', async (t) => {
  const file = path.join(temporaryFolder(t), 'outbox.db');
  // The page may ask for an entry that has just been delivered: 404.
  const { sandbox, page } = await openDashboard(t, { outbox: { path: file } }, { errors: /404/ });
  const tab = page.getByRole('tab', { name: 'Outbox' });
  await tab.click();
  await page.getByText(`There is no file ${file}`).waitFor();

  const outbox = openOutbox(t, sandbox, { file, client: { apiKey: sandbox.apiKey } });
  sandbox.drop({ on: 'lead', when: 'after' });
  await outbox.track.lead(LEAD, { id: 'first' });
  await outbox.track.lead({ ...LEAD, customerExternalId: 'user_2' }, { id: 'second', deliverAfter: 3_600_000 });
  await page.getByText('1 parked, 1 held', { exact: true }).waitFor();
  assert.equal((await tab.textContent())?.trim(), 'Outbox 1');
  const parked = rows(page).filter({ hasText: 'user_1' });
  assert.match(
    (await parked.textContent()) ?? '',
    /track\.leaduser_1parked1ambiguous · CONNECTION_ERROR: The connection /,
  );

  await parked.click();
  const detail = page.locator('#detail');
  await detail.getByText('"customerExternalId": "user_1"').waitFor();
  await detail.getByRole('button', { name: 'Send again' }).click();
  await detail.getByText('Delivered or discarded').waitFor();
  assert.equal(sandbox.leads.length, 2);

  await rows(page).filter({ hasText: 'user_2' }).click();
  await detail.getByText(/^recorded .+ · due /).waitFor();
  assert.equal(await detail.getByRole('button', { name: 'Send again' }).count(), 0);
  await detail.getByRole('button', { name: 'Discard' }).click();
  await detail.getByText('Delivered or discarded').waitFor();
  await page.getByText('The outbox is empty.').waitFor();
  assert.equal((await tab.textContent())?.trim(), 'Outbox');
  assert.equal(sandbox.leads.length, 2);
});

test('entries are filtered as customers and requests are', async (t) => {
  const file = path.join(temporaryFolder(t), 'outbox.db');
  const { sandbox, page } = await openDashboard(t, { outbox: { path: file } });
  const outbox = openOutbox(t, sandbox, { file, client: { apiKey: sandbox.apiKey } });
  for (const name of ['user_1', 'user_2', 'user_3']) {
    await outbox.track.lead({ ...LEAD, customerExternalId: name }, { deliverAfter: 3_600_000 });
  }
  await page.getByRole('tab', { name: 'Outbox' }).click();
  await page.getByText('3 held', { exact: true }).waitFor();
  await rows(page).filter({ hasText: 'user_2' }).click();
  await page.locator('#detail').getByText('"customerExternalId": "user_2"').waitFor();
  await page.getByLabel('Filter').fill('user_2 held');
  await page.getByText('1 held', { exact: true }).waitFor();
  assert.equal(await page.locator('#detail').isVisible(), true);
  await page.getByLabel('Errors only').check();
  await page.getByText('nothing', { exact: true }).waitFor();
  await page.locator('#detail').waitFor({ state: 'hidden' });
});

test('without an outbox there is no tab', async (t) => {
  const { page } = await openDashboard(t);
  assert.equal(await page.getByRole('tab').count(), 2);
});
