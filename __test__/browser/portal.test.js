'use strict';

const assert = require('node:assert/strict');
const { createServer } = require('node:http');
const { once } = require('node:events');
const { after, test } = require('node:test');
const { createSandbox } = require('refport/testing');
const { closeBrowser, openPage } = require('./support.js');

after(closeBrowser);

/**
 * An app that embeds the portal and writes down what it is told.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('refport/testing').SandboxOptions} [options]
 */
async function embed(t, options) {
  const page = await openPage(t, { errors: /401/ });
  const sandbox = await createSandbox(options);
  t.after(() => sandbox.close());
  const app = createServer((_req, res) => {
    res.setHeader('content-type', 'text/html');
    res.end(
      "<script>messages = []; addEventListener('message', (event) => messages.push(event.data))</script><iframe width=700></iframe>",
    );
  }).listen(0, '127.0.0.1');
  await once(app, 'listening');
  t.after(() => app.close());
  t.after(() => app.closeAllConnections());
  await page.goto(`http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (app.address()).port}/`);
  return {
    sandbox,
    page,
    frame: page.frameLocator('iframe'),
    /** @param {object} [params] */
    async mint(params) {
      const response = await fetch(`${sandbox.url}/api/embed/token`, {
        method: 'POST',
        headers: { authorization: `Bearer ${sandbox.apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ tenantId: 'ada', ...params }),
      });
      return /** @type {string} */ ((await response.json()).publicToken);
    },
    /**
     * Until it has loaded: what it showed before may look the same.
     *
     * @param {Record<string, string>} query
     */
    show: (query) =>
      page.evaluate(
        (url) =>
          new Promise((resolve) => {
            const iframe = /** @type {HTMLIFrameElement} */ (document.querySelector('iframe'));
            iframe.addEventListener('load', () => resolve(undefined), { once: true });
            iframe.src = url;
          }),
        `${sandbox.url}/embed/referrals?${new URLSearchParams(query)}`,
      ),
    /** @param {string} name */
    async message(name) {
      const found = await page.waitForFunction(
        (event) => Reflect.get(window, 'messages').findLast((/** @type {any} */ message) => message.event === event),
        name,
      );
      return (await found.jsonValue()).data;
    },
  };
}

test('the portal tells its parent how high it is, and again when that changes', async (t) => {
  const { page, frame, mint, show, message } = await embed(t);
  await show({ token: await mint() });
  await frame.getByRole('heading', { name: 'Hello ada' }).waitFor();
  const { height } = await message('PAGE_HEIGHT');
  assert.equal(height, await frame.locator('main').evaluate((main) => /** @type {HTMLElement} */ (main).offsetHeight));
  // Too narrow for a row of figures.
  await page.locator('iframe').evaluate((element) => element.setAttribute('width', '300'));
  await page.waitForFunction((before) => Reflect.get(window, 'messages').at(-1).data.height > before, height);
});

test('a token that is not valid shows an error and tells the parent', async (t) => {
  const { frame, show, message } = await embed(t);
  await show({ token: 'pt_wrong' });
  await frame.getByRole('alert').getByText('This link to the portal is not valid.').waitFor();
  assert.deepEqual(await message('ERROR'), { code: 'UNAUTHORIZED', message: 'This link to the portal is not valid.' });
});

test('a token that expires while the portal is open closes it', async (t) => {
  // Long enough for a busy machine to open the portal before.
  const { sandbox, frame, mint, show, message } = await embed(t, { tokenLifetime: 8_000 });
  const token = await mint({ partner: { email: 'ada@example.com', name: 'Ada' } });
  await show({ token });
  await frame.getByRole('heading', { name: 'Hello Ada' }).waitFor();
  await frame.getByRole('alert').getByText('This link to the portal has expired.').waitFor();
  assert.equal((await message('ERROR')).code, 'TOKEN_EXPIRED');
  assert.ok(Date.now() >= sandbox.tokens[0].expires.getTime());
  await show({ token });
  await frame.getByRole('alert').waitFor();
});

test('it wears the theme and the colours that the app asks for', async (t) => {
  const { frame, mint, show } = await embed(t);
  const token = await mint();
  const background = () => frame.locator('html').evaluate((html) => getComputedStyle(html).backgroundColor);
  for (const [query, colour] of /** @type {Array<[Record<string, string>, string]>} */ ([
    [{ theme: 'light' }, 'rgb(255, 255, 255)'],
    [{ theme: 'dark' }, 'rgb(20, 24, 31)'],
    [{ themeOptions: '{"backgroundColor":"#123456"}' }, 'rgb(18, 52, 86)'],
    [{ cssVars: '{"--background":"#654321"}' }, 'rgb(101, 67, 33)'],
    [{ cssVars: 'nonsense', theme: 'nonsense' }, 'rgb(255, 255, 255)'],
  ])) {
    await show({ token, ...query });
    await frame.getByRole('heading', { name: 'Hello ada' }).waitFor();
    assert.equal(await background(), colour, JSON.stringify(query));
  }
});

test('what happened has its date', async (t) => {
  const { frame, mint, show } = await embed(t, { clicks: [{ id: 'click_1', partner: 'ada' }] });
  await show({ token: await mint() });
  const time = await frame.locator('.latest time').textContent();
  assert.match(time ?? '', /^[A-Z][a-z]{2} \d{1,2}, \d{4}, \d{2}:\d{2}$/);
});

test('what was earned in several currencies is one line each', async (t) => {
  const { sandbox, frame, mint, show } = await embed(t, { clicks: [{ id: 'click_1', partner: 'ada' }] });
  for (const currency of ['usd', 'jpy']) {
    await fetch(`${sandbox.url}/api/track/sale`, {
      method: 'POST',
      headers: { authorization: `Bearer ${sandbox.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ clickId: 'click_1', customerExternalId: 'user_1', amount: 5000, currency }),
    });
  }
  await show({ token: await mint() });
  await frame.locator('.figure b').nth(4).waitFor();
  assert.deepEqual((await frame.locator('.figure b').allTextContents()).slice(3), ['$10.00', '¥1,000']);
});

test('the link can be copied', async (t) => {
  const { sandbox, mint } = await embed(t);
  const page = await openPage(t, { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.goto(`${sandbox.url}/embed/referrals?token=${await mint()}`);
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${sandbox.url}/go/ada`);
});
