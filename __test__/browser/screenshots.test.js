'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { after, test } = require('node:test');
const sharp = require('sharp');
const { createSandbox } = require('refport/testing');
const { next, openOutbox, temporaryFolder } = require('../support/outbox.js');
const { closeBrowser, openPage, rows } = require('./support.js');

after(closeBrowser);

const FOLDER = path.resolve(__dirname, '../../docs/images');
/** @type {Array<[name: string, partner: string, amounts: number[]]>} */
const CUSTOMERS = [
  ['Grace Hopper', 'ada', [4900, 4900]],
  ['Alan Turing', 'linus', [9900]],
  ['Edsger Dijkstra', 'ada', []],
  ['Barbara Liskov', 'margaret', [4900]],
  ['Donald Knuth', 'linus', [14900]],
  ['Radia Perlman', 'ada', [9900]],
  ['Leslie Lamport', 'margaret', []],
  ['Frances Allen', 'linus', [4900]],
];

/**
 * Written only if it looks different, so that a run of the tests leaves no changes behind: edges of letters come out
 * a shade lighter or darker from one run to the next.
 *
 * @param {string} name
 * @param {Buffer} png
 */
async function keep(name, png) {
  const file = path.join(FOLDER, name);
  const small = await sharp(png)
    .png({ palette: true, colours: 128, dither: 0, effort: 10, compressionLevel: 9 })
    .toBuffer();
  assert.ok(small.length < 80_000, `${name} has ${small.length} bytes`);
  if (!fs.existsSync(file) || (await difference(fs.readFileSync(file), small)) > 40) fs.writeFileSync(file, small);
}

/**
 * @param {Buffer} one
 * @param {Buffer} other
 * @returns {Promise<number>} how many values are far apart
 */
async function difference(one, other) {
  const [first, second] = await Promise.all([one, other].map((png) => sharp(png).removeAlpha().raw().toBuffer()));
  if (!first || first.length !== second?.length) return Infinity;
  return first.reduce((count, value, index) => count + Number(Math.abs(value - second[index]) > 64), 0);
}

test('screenshots of the README', async (t) => {
  fs.mkdirSync(FOLDER, { recursive: true });
  const light = await openPage(t, { timezoneId: 'UTC' });
  const dark = await openPage(t, { timezoneId: 'UTC', colorScheme: 'dark' });
  const portal = await openPage(t, { timezoneId: 'UTC', viewport: { width: 720, height: 540 } });
  const phone = await openPage(t, { timezoneId: 'UTC', viewport: { width: 390, height: 844 } });
  const file = path.join(temporaryFolder(t), 'outbox.db');
  const port = (await isFree(4455)) ? 4455 : 0;
  const sandbox = await createSandbox({ clicks: [], port, outbox: { path: file } });
  t.after(() => sandbox.close());
  const token = await fill(t, sandbox, file);
  // The pages show the day of what did not happen today.
  for (const page of [light, dark, portal]) await page.clock.setFixedTime(Date.now());

  await light.goto(sandbox.url);
  await light.locator('#status[data-state="live"]').waitFor();
  await rows(light).filter({ hasText: 'Donald Knuth' }).click();
  await light.locator('#detail').getByRole('heading', { name: 'Donald Knuth' }).waitFor();
  await light.getByLabel('Filter').hover();
  await keep('dashboard.png', await light.screenshot({ animations: 'disabled' }));

  await dark.goto(sandbox.url);
  await dark.locator('#status[data-state="live"]').waitFor();
  await dark.getByRole('tab', { name: 'Requests' }).click();
  await rows(dark).filter({ hasText: 'INVALID_CLICK_ID' }).click();
  await dark.locator('#detail').getByRole('heading', { name: 'Response' }).waitFor();
  await dark.getByLabel('Filter').hover();
  await keep('dashboard-dark.png', await dark.screenshot({ animations: 'disabled' }));

  await light.getByRole('tab', { name: 'Outbox' }).click();
  await openParked(light);
  await keep('outbox.png', await light.screenshot({ animations: 'disabled' }));

  await dark.getByRole('tab', { name: 'Outbox' }).click();
  await openParked(dark);
  await keep('outbox-dark.png', await dark.screenshot({ animations: 'disabled' }));

  await phone.goto(sandbox.url);
  await phone.locator('#status[data-state="live"]').waitFor();
  await rows(phone).filter({ hasText: 'Donald Knuth' }).waitFor();
  await keep('phone.png', await phone.screenshot({ animations: 'disabled' }));
  await phone.emulateMedia({ colorScheme: 'dark' });
  await keep('phone-dark.png', await phone.screenshot({ animations: 'disabled' }));

  await portal.goto(`${sandbox.url}/embed/referrals?token=${token}`);
  await portal.getByRole('heading', { name: 'Hello Ada' }).waitFor();
  await keep('portal.png', await portal.screenshot({ animations: 'disabled' }));
});

/**
 * The addon's clock cannot be set: what it recorded now gets the day of the rest.
 *
 * @param {import('playwright-core').Page} page
 */
async function openParked(page) {
  await rows(page).filter({ hasText: 'parked' }).click();
  await page
    .locator('#detail')
    .getByText(/^recorded /)
    .waitFor();
  await page.evaluate(() => {
    for (const time of document.querySelectorAll('[role="tabpanel"]:not([hidden]) time')) {
      time.textContent = 'May 4, 09:29';
    }
    const recorded = [...document.querySelectorAll('#detail p')].find((line) =>
      line.textContent?.startsWith('recorded'),
    );
    if (recorded) recorded.textContent = 'recorded May 4, 2026, 09:29';
  });
}

/**
 * A morning's worth of events, always the same.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('refport/testing').Sandbox} sandbox
 * @param {string} file of the outbox
 */
async function fill(t, sandbox, file) {
  let now = Date.UTC(2026, 4, 4, 9, 12, 7);
  t.mock.timers.enable({ apis: ['Date'], now });
  let invoices = 0;
  const tick = () => {
    now += 41_000;
    t.mock.timers.setTime(now);
  };
  /**
   * @param {string} call
   * @param {object} params
   */
  const post = async (call, params) => {
    tick();
    const response = await fetch(`${sandbox.url}/api/${call}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${sandbox.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(params),
    }).catch(() => undefined);
    return response?.json();
  };
  for (const [index, [customerName, partner, amounts]] of CUSTOMERS.entries()) {
    tick();
    const clickId = `click_${index + 1}`;
    sandbox.addClick({ id: clickId, partner });
    if (index === 6) sandbox.addClick({ id: 'click_of_a_visitor', partner: 'ada' });
    const customerExternalId = `user_${101 + index}`;
    const customerEmail = `${customerName.split(' ')[0].toLowerCase()}@example.com`;
    await post('track/lead', { clickId, eventName: 'Sign up', customerExternalId, customerName, customerEmail });
    for (const amount of amounts) {
      await post('track/sale', {
        clickId,
        customerExternalId,
        amount,
        invoiceId: `in_${++invoices}`,
      });
    }
    if (customerName === 'Donald Knuth') {
      sandbox.drop({ on: 'sale', when: 'after' });
      await post('track/sale', { clickId, customerExternalId, amount: 4900, invoiceId: 'in_second' });
      await post('track/sale', { clickId, customerExternalId, amount: 4900, invoiceId: 'in_second' });
    }
  }
  await post('track/sale', { clickId: 'click_of_last_year', customerExternalId: 'user_108', amount: 4900 });
  await fillOutbox(t, sandbox, file);
  sandbox.delay({ times: Infinity, ms: 3000, on: 'lead' });
  sandbox.fail({ times: Infinity, on: 'sale', status: 503, enabled: false });
  const { publicToken } = await post('embed/token', {
    tenantId: 'ada',
    partner: { email: 'ada@example.com', name: 'Ada' },
  });
  for (const request of sandbox.requests) Object.assign(request, { duration: 1.2 + (request.id % 7) * 0.3 });
  return publicToken;
}

/**
 * Entries of each state.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('refport/testing').Sandbox} sandbox
 * @param {string} file
 */
async function fillOutbox(t, sandbox, file) {
  const outbox = openOutbox(t, sandbox, { file, client: { apiKey: sandbox.apiKey } });
  const parked = next(outbox, 'parked', 1);
  sandbox.drop({ on: 'lead', when: 'after' });
  const lead = { clickId: 'click_3', eventName: 'Trial', customerExternalId: 'user_103' };
  await outbox.track.lead(lead, { id: 'trial_103' });
  await parked;
  const sale = { clickId: 'click_7', customerExternalId: 'user_107', amount: 4900, currency: 'usd' };
  for (const number of [9, 10]) {
    const invoiceId = `in_${number}`;
    await outbox.track.sale({ ...sale, invoiceId }, { id: invoiceId, deliverAfter: new Date('2036-01-31T09:30:00Z') });
  }
}

/** @param {number} port */
async function isFree(port) {
  return await createSandbox({ port }).then(
    async (probe) => {
      await probe.close();
      return true;
    },
    () => false,
  );
}
