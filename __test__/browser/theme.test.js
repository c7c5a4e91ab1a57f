'use strict';

const assert = require('node:assert/strict');
const { after, test } = require('node:test');
const { closeBrowser, openDashboard, rows } = require('./support.js');

after(closeBrowser);

const LIGHT = 'rgb(245, 246, 248)';
const DARK = 'rgb(14, 17, 22)';

/** @param {import('playwright-core').Page} page */
const background = (page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);

test('it follows the system until told otherwise, and remembers that', async (t) => {
  const { page } = await openDashboard(t, {}, { colorScheme: 'dark' });
  assert.equal(await background(page), DARK);
  await page.emulateMedia({ colorScheme: 'light' });
  assert.equal(await background(page), LIGHT);
  const button = page.getByRole('button', { name: /^Theme/ });
  await button.click();
  await button.click();
  assert.equal(await button.textContent(), 'Theme: dark');
  assert.equal(await background(page), DARK);
  await page.reload();
  assert.equal(await background(page), DARK);
  await button.click();
  assert.equal(await button.textContent(), 'Theme: system');
  assert.equal(await background(page), LIGHT);
});

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  test(`text can be read in the ${colorScheme} theme`, async (t) => {
    const { sandbox, page, post } = await openDashboard(t, {}, { colorScheme });
    sandbox.fail({ times: Infinity, on: 'token' });
    await post('track/lead', {
      clickId: 'click_1',
      eventName: 'Sign up',
      customerExternalId: 'user_1',
      customerName: 'Al',
    });
    await post('track/sale', { clickId: 'click_1', customerExternalId: 'user_1', amount: 100 });
    await post('track/sale', { clickId: 'click_2', customerExternalId: 'user_1', amount: 100 });
    await rows(page).filter({ hasText: 'Al' }).getByText('1', { exact: true }).waitFor();
    await rows(page).filter({ hasText: 'Al' }).click();
    await page
      .locator('#detail')
      .getByRole('button', { name: /INVALID_CLICK_ID/ })
      .click();
    await page.locator('#detail').getByRole('heading', { name: 'Response' }).waitFor();
    assert.deepEqual(await page.evaluate(findFaintText), []);
    await page.getByRole('tab', { name: 'Requests' }).click();
    await rows(page).first().waitFor();
    assert.deepEqual(await page.evaluate(findFaintText), []);
  });
}

/** Runs in the page: texts whose contrast with what is behind them is below the 4.5 that WCAG asks for. */
function findFaintText() {
  const context = /** @type {CanvasRenderingContext2D} */ (
    document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  );
  /** @param {string[]} layers the lowest first */
  const paint = (layers) => {
    for (const layer of layers) {
      context.fillStyle = layer;
      context.fillRect(0, 0, 1, 1);
    }
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  /** @param {number[]} colour */
  const luminance = (colour) => {
    const [red = 0, green = 0, blue = 0] = colour.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const faint = [];
  for (const element of document.body.querySelectorAll('*')) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim());
    if (!hasText || !element.checkVisibility()) continue;
    const layers = [];
    for (let under = /** @type {Element | null} */ (element); under; under = under.parentElement) {
      layers.unshift(getComputedStyle(under).backgroundColor);
    }
    const back = luminance(paint(layers));
    const front = luminance(paint([...layers, getComputedStyle(element).color]));
    const contrast = (Math.max(back, front) + 0.05) / (Math.min(back, front) + 0.05);
    if (contrast < 4.5) faint.push(`${element.textContent?.slice(0, 40)}: ${contrast.toFixed(2)}`);
  }
  return faint;
}
