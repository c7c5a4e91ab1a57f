'use strict';

const assert = require('node:assert/strict');
const { after, test } = require('node:test');
const { closeBrowser, openDashboard, rows } = require('./support.js');

after(closeBrowser);

const PHONE = { viewport: { width: 390, height: 844 } };
const SALE = { clickId: 'click_1', customerExternalId: 'user_1' };

test('as long as nothing was reported, it says what to do next', async (t) => {
  const { sandbox, page, post } = await openDashboard(t);
  const start = page.getByRole('region', { name: 'Next steps' });
  await start.waitFor();
  assert.equal(
    await start.locator('pre').textContent(),
    `REFPORT_BASE_URL=${sandbox.url}\nREFPORT_API_KEY=${sandbox.apiKey}\n`,
  );
  assert.equal(await start.getByRole('link', { name: 'follow /go/ada' }).getAttribute('href'), '/go/ada');
  await post('track/sale', { ...SALE, amount: 100 });
  await start.waitFor({ state: 'hidden' });
});

test('on a phone sales, commission, errors and the status are in sight', async (t) => {
  const { page, post } = await openDashboard(t, {}, PHONE);
  await post('track/sale', { ...SALE, amount: 100 });
  await post('track/sale', { ...SALE, clickId: 'gone', amount: 100 });
  await rows(page).locator('.tag.error').waitFor();
  const right = (/** @type {string} */ name) =>
    page
      .locator('th:visible', { hasText: name })
      .evaluate((cell) => [cell.getBoundingClientRect().width > 40, cell.getBoundingClientRect().right <= innerWidth]);
  for (const name of ['Sales', 'Commission', 'Errors']) assert.deepEqual(await right(name), [true, true], name);
  await page.getByRole('tab', { name: 'Requests' }).click();
  await rows(page).getByText('INVALID_CLICK_ID').waitFor();
  assert.deepEqual(await right('Status'), [true, true]);
});

for (const [place, options] of /** @type {const} */ ([
  ['desktop', {}],
  ['phone', PHONE],
])) {
  test(`amounts in three currencies are not cut off on a ${place}`, async (t) => {
    const { page, post } = await openDashboard(t, {}, options);
    for (const currency of ['usd', 'eur', 'jpy']) await post('track/sale', { ...SALE, amount: 123_400, currency });
    await rows(page).filter({ hasText: '¥123,400' }).waitFor();
    // In one line, an element that does not fit in is left out whole, and its tag seems wide enough.
    const tag = await rows(page).locator('.tag.sale').boundingBox();
    const sums = await rows(page).locator('.tag.sale .sums').boundingBox();
    assert.ok(tag && sums && sums.x + sums.width <= tag.x + tag.width, JSON.stringify({ tag, sums }));
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll('.step-card p, tr[aria-rowindex] :is(td, .tag)')]
        .filter((element) => element.checkVisibility())
        .filter(({ scrollWidth, clientWidth, scrollHeight, clientHeight }) =>
          Boolean(scrollWidth > clientWidth || scrollHeight > clientHeight + 1),
        )
        .map((element) => element.textContent),
    );
    assert.deepEqual(cut, []);
  });
}

test('doubtful amounts are marked in both tables and in the details', async (t) => {
  const { page, post } = await openDashboard(t);
  await post('track/sale', { ...SALE, amount: 49.99 });
  await rows(page).locator('.tag.warning', { hasText: '⚠ $0.50' }).click();
  await page.locator('#detail').getByText('⚠ $0.50').waitFor();
  await page.getByRole('tab', { name: 'Requests' }).click();
  await rows(page).locator('.tag.warning', { hasText: '⚠ amount' }).click();
  await page.locator('#detail').getByText('⚠ amount 49.99 is not whole').waitFor();
});
