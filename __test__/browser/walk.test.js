'use strict';

const assert = require('node:assert/strict');
const { after, test } = require('node:test');
const { start } = require('../../scripts/demo/start.js');
const { closeBrowser, openPage, rows } = require('./support.js');

after(closeBrowser);

test('from a partner’s link to a commission, seen live in the dashboard', async (t) => {
  const dashboard = await openPage(t);
  const shop = await openPage(t);
  const { sandbox, shopUrl, stop } = await start();
  t.after(stop);
  await dashboard.goto(sandbox.url);
  await dashboard.locator('#status[data-state="live"]').waitFor();
  // It would be gone if the page were loaded anew.
  await dashboard.evaluate(() => Object.assign(window, { sameLoad: true }));

  await shop.goto(`${sandbox.url}/go/ada`);
  assert.equal(new URL(shop.url()).origin, shopUrl);
  const [cookie] = await shop.context().cookies();
  assert.equal(cookie?.name, 'refp_id');
  assert.equal(cookie?.value, sandbox.clicks.at(-1)?.id);
  await rows(dashboard).filter({ hasText: 'Visitor' }).nth(2).waitFor();
  assert.equal(await value(dashboard, 'clicks'), '3');

  await shop.getByRole('link', { name: 'Create an account' }).click();
  await shop.getByLabel('Name').fill('Grace Hopper');
  await shop.getByLabel('E-mail').fill('grace@example.com');
  await shop.getByRole('button', { name: 'Sign up' }).click();
  const customer = rows(dashboard).filter({ hasText: 'Grace Hopper' });
  await customer.getByText('Sign up').waitFor();
  assert.equal(await value(dashboard, 'leads'), '1');

  await shop.getByRole('button', { name: 'Pay now' }).click();
  await shop.getByRole('heading', { name: 'Thank you!' }).waitFor();
  await customer.getByText('$9.80').waitFor();
  assert.deepEqual((await customer.locator('td').allTextContents()).slice(4), ['$49.00', '$9.80', '']);
  assert.equal(await value(dashboard, 'sales'), '1');
  assert.equal(await value(dashboard, 'commission'), '$9.80');

  await shop.getByRole('link', { name: 'Refer a friend' }).last().click();
  const portal = shop.frameLocator('iframe');
  await portal.getByRole('heading', { name: 'Hello Grace Hopper' }).waitFor();
  await portal.getByText('$9.80', { exact: true }).waitFor();
  assert.equal(await portal.getByLabel('Your link').inputValue(), `${sandbox.url}/go/ada`);
  // The portal says how high it is, and the shop makes room for it: nothing to scroll.
  await shop.waitForFunction(() => document.querySelector('iframe')?.style.height !== '');
  const inside = await portal.locator('main').evaluate((main) => /** @type {HTMLElement} */ (main).offsetHeight);
  assert.equal(await shop.locator('iframe').evaluate((frame) => frame.style.height), `${inside}px`);

  await customer.click();
  const detail = dashboard.locator('#detail');
  assert.deepEqual(await detail.locator('.journey .tag').allTextContents(), ['click', 'lead', 'sale']);
  await detail.getByRole('button', { name: /^sale/ }).click();
  await detail.getByRole('heading', { name: 'Request #3' }).waitFor();
  const [sent, received] = await detail.locator('pre:visible').allTextContents();
  assert.deepEqual(JSON.parse(sent ?? ''), sandbox.sales[0]?.params);
  assert.deepEqual(JSON.parse(received ?? ''), sandbox.sales[0]?.response);
  await detail.getByRole('button', { name: '← Customer' }).click();
  await detail.getByRole('heading', { name: 'Grace Hopper' }).waitFor();
  assert.equal(await dashboard.evaluate(() => Reflect.get(window, 'sameLoad')), true);
});

test('a referral that could not be reported does not keep a customer from buying', async (t) => {
  const shop = await openPage(t);
  const { sandbox, stop } = await start();
  t.after(stop);
  sandbox.fail({ on: 'sale', status: 403, times: Infinity });
  await shop.goto(`${sandbox.url}/go/ada`);
  await shop.getByRole('link', { name: 'Sign up' }).click();
  await shop.getByLabel('Name').fill('<b>Al</b>');
  await shop.getByLabel('E-mail').fill('al@example.com');
  await shop.getByRole('button', { name: 'Sign up' }).click();
  await shop.getByText('Good to have you here, <b>Al</b>.').waitFor();
  await shop.getByRole('button', { name: 'Pay now' }).click();
  await shop.getByText('Not reported to Refport: RefportError').waitFor();
});

/**
 * @param {import('playwright-core').Page} page
 * @param {string} step
 */
const value = (page, step) => page.locator(`[data-step="${step}"] .value`).textContent();
