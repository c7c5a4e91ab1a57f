'use strict';

const assert = require('node:assert/strict');
const { after, test } = require('node:test');
const { createSandbox } = require('refport/testing');
const { closeBrowser, openDashboard, rows } = require('./support.js');

after(closeBrowser);

const LEAD = { clickId: 'click_1', eventName: 'Sign up', customerExternalId: 'user_1' };

test('a request is there when it arrives, and its outcome when there is one', async (t) => {
  const { sandbox, page, post } = await openDashboard(t);
  await page.getByRole('tab', { name: 'Requests' }).click();
  sandbox.delay({ ms: 60_000 });
  const gone = new AbortController();
  fetch(`${sandbox.url}/api/track/lead`, { method: 'POST', signal: gone.signal }).catch(() => {});
  await rows(page).getByText('pending').waitFor();
  gone.abort();
  await rows(page).getByText('aborted').waitFor();
  await post('track/lead', LEAD);
  // Exactly: the other request may have taken 200 ms.
  await rows(page).getByText('200', { exact: true }).waitFor();
  assert.deepEqual(await rows(page).locator('td:first-child').allTextContents(), ['2', '1']);
});

test('details that are open stay up to date, and the focus where it is', async (t) => {
  const { sandbox, page, post } = await openDashboard(t);
  await post('track/lead', LEAD);
  await rows(page).filter({ hasText: 'user_1' }).click();
  const detail = page.locator('#detail');
  const lead = detail.getByRole('button', { name: /^lead/ });
  await lead.focus();
  await post('track/sale', { clickId: 'click_1', customerExternalId: 'user_1', customerName: 'Al', amount: 100 });
  await detail.getByRole('button', { name: /^sale/ }).waitFor();
  await detail.getByRole('heading', { name: 'Al' }).waitFor();
  assert.equal(await lead.evaluate((element) => element === document.activeElement), true);

  sandbox.delay({ ms: 60_000 });
  const gone = new AbortController();
  fetch(`${sandbox.url}/api/track/lead`, { method: 'POST', signal: gone.signal }).catch(() => {});
  await page.getByRole('tab', { name: 'Requests' }).click();
  await rows(page).filter({ hasText: 'pending' }).click();
  await detail.getByText('none: pending').waitFor();
  assert.equal(await detail.getByRole('button', { name: '← Customer' }).count(), 0);
  gone.abort();
  await detail.getByText('none: aborted').waitFor();
});

test('errors are highlighted, counted per customer, and can be looked at alone', async (t) => {
  const { page, post } = await openDashboard(t);
  await post('track/lead', LEAD);
  await post('track/sale', { clickId: 'click_gone', customerExternalId: 'user_1', amount: 1 });
  await post('track/lead', { ...LEAD, customerExternalId: 'user_2' });
  await rows(page).filter({ hasText: 'user_2' }).waitFor();
  const bad = page.locator('tr.bad');
  assert.deepEqual(await bad.locator('td:first-child').allTextContents(), ['user_1']);
  assert.equal(await bad.locator('td:last-child').textContent(), '1');
  await page.getByLabel('Errors only').check();
  await page.getByText('1 customer', { exact: true }).waitFor();
  await page.getByRole('tab', { name: 'Requests' }).click();
  await page.getByText('1 request', { exact: true }).waitFor();
  await rows(page).click();
  await page.locator('#detail').getByText('INVALID_CLICK_ID: There is no click with id "click_gone"').waitFor();
  await page.getByLabel('Errors only').uncheck();
  await page.getByText('3 requests', { exact: true }).waitFor();
});

test('the filter finds by any word', async (t) => {
  const { page, post } = await openDashboard(t, { clicks: [{ id: 'click_1', partner: 'grace' }, 'click_2'] });
  await post('track/lead', { ...LEAD, customerName: 'Ann', customerEmail: 'ann@example.com' });
  await post('track/sale', { clickId: 'click_2', customerExternalId: 'user_2', amount: 1, invoiceId: 'in_77' });
  await rows(page).filter({ hasText: 'user_2' }).waitFor();
  for (const [text, found] of /** @type {const} */ ([
    ['grace', ['Ann user_1']],
    ['ANN@EXAMPLE', ['Ann user_1']],
    ['click_2', ['user_2']],
    ['in_77 purchase', ['user_2']],
    ['in_77 ann', []],
  ])) {
    // All of them first: with the same number of rows before and after, nothing would tell that they are drawn.
    await page.getByLabel('Filter').fill('');
    await page.getByText('2 customers', { exact: true }).waitFor();
    await page.getByLabel('Filter').fill(text);
    await page.getByText(`${found.length} customer${found.length === 1 ? '' : 's'}`, { exact: true }).waitFor();
    assert.deepEqual(await rows(page).locator('td:first-child').allTextContents(), found);
  }
});

test('another sandbox on the same port takes over without a reload', async (t) => {
  const { sandbox, page, post } = await openDashboard(t, {}, { errors: /ERR_(CONNECTION|INCOMPLETE|EMPTY)/ });
  await post('track/lead', LEAD);
  await rows(page).filter({ hasText: 'user_1' }).waitFor();
  const { port } = new URL(sandbox.url);
  await sandbox.close();
  await page.locator('#status[data-state="reconnecting"]').waitFor();
  const next = await createSandbox({ port: Number(port), clicks: [{ id: 'fresh', partner: 'linus' }] });
  t.after(() => next.close());
  await rows(page).filter({ hasText: 'linus' }).waitFor();
  await page.locator('#status[data-state="live"]').waitFor();
  assert.equal(await rows(page).filter({ hasText: 'user_1' }).count(), 0);
});

test('reset asks first, and then shows the beginning', async (t) => {
  const { sandbox, page, post } = await openDashboard(t);
  await post('track/lead', LEAD);
  await rows(page).filter({ hasText: 'user_1' }).waitFor();
  await page.getByRole('button', { name: 'Reset' }).click();
  await page.getByRole('button', { name: 'Keep' }).click();
  assert.equal(sandbox.leads.length, 1);
  await page.getByRole('button', { name: 'Reset' }).click();
  await page.getByRole('button', { name: 'Forget' }).click();
  await page.locator('[data-step="leads"] .value', { hasText: '0' }).waitFor();
  assert.deepEqual([sandbox.leads.length, sandbox.clicks.length], [0, 2]);
  await post('track/lead', { ...LEAD, customerExternalId: 'user_9' });
  await rows(page).filter({ hasText: 'user_9' }).waitFor();
});

test('thousands of events need a handful of rows, and none is out of reach', async (t) => {
  const { sandbox, page, post } = await openDashboard(t);
  for (let i = 0; i < 4000; i++) sandbox.addClick({ id: `many_${i}`, partner: `p${i % 50}` });
  await page.getByText('4,002 visitors', { exact: true }).waitFor();
  assert.ok((await rows(page).count()) < 60);
  const scroller = page.locator('.panel:not([hidden]) .scroller');
  await scroller.evaluate((element) => element.scrollTo(0, element.scrollHeight / 2));
  await page.locator('tr[aria-rowindex="2"]').waitFor({ state: 'detached' });
  // Whoever reads in the middle keeps their place while new ones come in on top.
  const middle = await rows(page).first().locator('td').nth(1).textContent();
  const before = await scroller.evaluate((element) => element.scrollTop);
  await post('track/lead', { ...LEAD, clickId: 'many_0' });
  await page.waitForFunction((top) => document.querySelector('.scroller')?.scrollTop !== top, before);
  assert.equal(await rows(page).first().locator('td').nth(1).textContent(), middle);
  await scroller.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await page.locator('tr[aria-rowindex="4003"]').filter({ hasText: 'Visitor' }).waitFor();
  assert.equal(await rows(page).last().getAttribute('aria-rowindex'), '4003');
  await page.getByLabel('Filter').fill('many_3999');
  await page.getByText('1 visitor', { exact: true }).waitFor();
  assert.equal(await rows(page).count(), 1);
  await rows(page).first().waitFor();
});
