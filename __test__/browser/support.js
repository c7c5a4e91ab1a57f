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

/** Errors of pages, each with its test, and what they asked of other machines. @type {string[]} */
const complaints = [];

/**
 * A page in a fresh profile. `closeBrowser` fails if the page asks anything but this machine, or reports an error.
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
  const complain = (/** @type {unknown} */ what) => complaints.push(`${t.name}: ${what}`);
  page.on('pageerror', complain);
  page.on('dialog', (dialog) => {
    complain(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on('console', (message) => {
    if (message.type() === 'error' && !errors?.test(message.text())) complain(message.text());
  });
  context.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol !== 'data:' && !['127.0.0.1', 'localhost'].includes(hostname)) complain(request.url());
  });
  t.after(() => context.close());
  return page;
}

/**
 * To be called once, after all tests of a file. Here, and not when a page closes, what pages complained of fails the file: the hooks
 * of a test after one that throws do not run, and what they would have closed keeps the process alive.
 */
async function closeBrowser() {
  await (await browser)?.close();
  assert.deepEqual(complaints, []);
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
