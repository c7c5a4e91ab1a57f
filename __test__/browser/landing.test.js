'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { chromium } = require('playwright-core');
const { faultyLibc, noFaultyLibc } = require('../support/faulty-libc.js');
const { openShop } = require('./landing-shop.js');
const { FLAGS } = require('./support.js');

const WEEK = 7 * 24 * 60 * 60;

test('a visitor who comes over a link, and again a week later, signs up as a lead', {
  skip: noFaultyLibc,
}, async (t) => {
  const { sandbox, url } = await openShop(t);
  const machine = faultyLibc(t);
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-profile-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.REFPORT_CHROMIUM ?? '/usr/bin/chromium',
    args: FLAGS,
    env: { ...process.env, ...machine.env },
  });
  t.after(async () => {
    await context.close();
    fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  const [page = await context.newPage()] = context.pages();
  page.setDefaultTimeout(15_000);
  const cookies = async () => Object.fromEntries((await context.cookies()).map((cookie) => [cookie.name, cookie]));

  await page.goto(`${sandbox.url}/go/ada`);
  const clickId = sandbox.clicks.at(-1)?.id;
  assert.equal(page.url(), `${url}/?refp_id=${clickId}`);
  const kept = (await cookies()).refp_id;
  assert.equal(kept?.value, clickId);
  assert.ok(kept?.httpOnly && kept.sameSite === 'Lax');
  const days = ((kept?.expires ?? 0) - Date.now() / 1000) / (24 * 60 * 60);
  assert.ok(days > 89.9 && days <= 90, `${days} days`);

  // A script cannot take its place.
  await page.evaluate(() => {
    // biome-ignore lint/suspicious/noDocumentCookie: this is what a script does.
    document.cookie = 'refp_id=another; Max-Age=60; Path=/';
    // biome-ignore lint/suspicious/noDocumentCookie: the same.
    document.cookie = 'for_a_week=1; Max-Age=604800; Path=/';
  });
  assert.equal((await cookies()).refp_id?.value, clickId);
  assert.ok((await cookies()).for_a_week);

  machine.setClock(WEEK + 60);
  await page.goto(`${url}/`);
  assert.ok((await page.evaluate(() => Date.now())) > Date.now() + WEEK * 1000, 'the clock did not move');
  assert.equal((await cookies()).for_a_week, undefined);
  await page.getByLabel('E-mail').fill('grace@example.com');
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByRole('heading', { name: 'Signed up' }).waitFor();
  assert.deepEqual(
    sandbox.leads.map(({ params }) => [params.clickId, params.customerEmail]),
    [[clickId, 'grace@example.com']],
  );
});
