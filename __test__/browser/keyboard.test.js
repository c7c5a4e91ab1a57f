'use strict';

const assert = require('node:assert/strict');
const { after, test } = require('node:test');
const { closeBrowser, openDashboard, rows } = require('./support.js');

after(closeBrowser);

const LEAD = { clickId: 'click_1', eventName: 'Sign up' };

test('everything can be reached and done without a mouse', async (t) => {
  const { sandbox, page, post } = await openDashboard(t, { clicks: ['click_1'] });
  for (let i = 1; i <= 40; i++) await post('track/lead', { ...LEAD, customerExternalId: `user_${i}` });
  await page.getByText('40 customers', { exact: true }).waitFor();
  const active = () => page.locator('[aria-selected="true"][role="row"] td:first-child').textContent();
  const { keyboard } = page;

  await keyboard.press('/');
  await keyboard.type('user_3');
  await page.getByText('11 customers', { exact: true }).waitFor();
  await keyboard.press('Escape');
  await page.getByText('40 customers', { exact: true }).waitFor();

  await keyboard.press('ArrowDown');
  assert.equal(await active(), 'user_40');
  await keyboard.press('ArrowDown');
  assert.equal(await active(), 'user_39');
  await keyboard.press('End');
  assert.equal(await active(), 'user_1');
  assert.equal(await rows(page).last().isVisible(), true);
  await keyboard.press('PageUp');
  assert.notEqual(await active(), 'user_1');
  await keyboard.press('Home');
  await keyboard.press('ArrowUp');
  assert.equal(await active(), 'user_40');
  const marked = await page.locator('table:visible').getAttribute('aria-activedescendant');
  assert.equal(await page.locator(`#${marked} td:first-child`).textContent(), 'user_40');

  await keyboard.press('Enter');
  await page.locator('#detail').getByRole('heading', { name: 'user_40' }).waitFor();
  await keyboard.press('Tab');
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await page.locator('#detail').getByRole('heading', { name: 'Request #40' }).waitFor();
  await keyboard.press('Escape');
  await page.locator('#detail').waitFor({ state: 'hidden' });
  // The focus is back on the table, on the same row.
  await keyboard.press('ArrowDown');
  assert.equal(await active(), 'user_39');

  await page.getByRole('tab', { name: 'Customers' }).focus();
  await keyboard.press('ArrowRight');
  assert.equal(await page.getByRole('tab', { name: 'Requests' }).getAttribute('aria-selected'), 'true');
  await page.getByText('40 requests', { exact: true }).waitFor();
  await keyboard.press('ArrowLeft');
  assert.equal(await page.getByRole('tab', { name: 'Customers' }).getAttribute('aria-selected'), 'true');

  sandbox.fail({ times: Infinity, enabled: false });
  const fault = page.getByRole('switch', { name: 'every call: status 500' });
  await fault.focus();
  await keyboard.press('Space');
  await page.locator('#faults li.on').waitFor();

  await page.getByRole('button', { name: 'Reset' }).focus();
  await keyboard.press('Enter');
  await keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  assert.equal(sandbox.leads.length, 40);
});

test('what has the focus is seen to have it', async (t) => {
  const { sandbox, page } = await openDashboard(t);
  sandbox.fail({ times: Infinity, enabled: false });
  await page.getByRole('switch').waitFor();
  /** @type {string[]} */
  const plain = [];
  const first = await focused(page);
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press('Tab');
    const { name, shown } = await focused(page);
    if (i > 0 && name === first.name) break;
    if (!shown) plain.push(name);
  }
  assert.deepEqual(plain, []);
});

/** @param {import('playwright-core').Page} page */
const focused = (page) =>
  page.evaluate(() => {
    const element = document.activeElement ?? document.body;
    // A table shows it on the frame around it.
    const frame = element instanceof HTMLTableElement ? element.parentElement : element;
    const { outlineStyle, boxShadow } = getComputedStyle(/** @type {Element} */ (frame));
    return {
      name:
        element === document.body ? 'page' : `${element.tagName} ${element.id || element.textContent?.slice(0, 30)}`,
      shown: element === document.body || outlineStyle !== 'none' || boxShadow !== 'none',
    };
  });
