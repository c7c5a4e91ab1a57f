'use strict';

const assert = require('node:assert/strict');
const { chromium } = require('playwright-core');
const { createSandbox } = require('refport/testing');

/** Of Chromium. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** @type {Promise<import('playwright-core').Browser> | undefined} */
let browser;

/**
 * A page in a fresh profile. The test fails if the page asks anything but this machine, or reports an error.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('playwright-core').BrowserContextOptions & { errors?: RegExp }} [options] `errors` that are expected
 */
async function openPage(t, { errors, ...options } = {}) {
  browser ??= chromium.launch({ executablePath: process.env.REFPORT_CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
  const context = await (await browser).newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en-US',
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  /** @type {string[]} */
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on('console', (message) => {
    if (message.type() === 'error' && !errors?.test(message.text())) complaints.push(message.text());
  });
  context.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol !== 'data:' && !['127.0.0.1', 'localhost'].includes(hostname)) complaints.push(request.url());
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(complaints, []);
  });
  return page;
}

/** To be called once, after all tests of a file. */
async function closeBrowser() {
  await (await browser)?.close();
}

/**
 * A sandbox with its dashboard open.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('refport/testing').SandboxOptions} [options]
 * @param {Parameters<typeof openPage>[1]} [pageOptions]
 */
async function openDashboard(t, options, pageOptions) {
  // What is opened first is closed first: the page would complain of a sandbox that goes away.
  const page = await openPage(t, pageOptions);
  const sandbox = await createSandbox(options);
  t.after(() => sandbox.close());
  await page.goto(sandbox.url);
  await page.locator('#status[data-state="live"]').waitFor();

  /**
   * @param {string} call
   * @param {object} params
   */
  const post = (call, params) =>
    fetch(`${sandbox.url}/api/${call}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${sandbox.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(params),
    });
  return { sandbox, page, post };
}

/** @param {import('playwright-core').Page} page */
const rows = (page) => page.locator('[role="tabpanel"]:not([hidden]) tr[aria-rowindex]');

module.exports = { FLAGS, openPage, openDashboard, closeBrowser, rows };
