'use strict';

// A shop with a landing page and a sign-up, for the tests of the click's cookie in real browsers: Express with the recipe of
// docs/landing.md.

const { once } = require('node:events');
const express = require('express');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { getClickIdFromRequest, Refport } = require('refport');
const { createSandbox } = require('refport/testing');
const { recipe } = require('../support/recipes.js');

const root = path.resolve(__dirname, '../..');

/** The middleware as it stands on the page. @returns {Promise<any>} */
async function keepClick() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-shop-'));
  fs.mkdirSync(path.join(folder, 'node_modules'));
  fs.symlinkSync(root, path.join(folder, 'node_modules', 'refport'), 'junction');
  fs.writeFileSync(path.join(folder, 'keep-click.mjs'), recipe('express').code);
  try {
    return (await import(path.join(folder, 'keep-click.mjs'))).keepClick;
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/**
 * @param {import('node:test').TestContext} t
 * @param {string} [script] what the landing page does besides
 */
async function openShop(t, script = '') {
  const app = express();
  app.use(await keepClick(), express.urlencoded());
  app.get('/', (/** @type {unknown} */ _, /** @type {any} */ res) => {
    res.append('Set-Cookie', 'other=server; Max-Age=7776000; Path=/; SameSite=Lax');
    res.send(`<!doctype html><title>Shop</title><h1>Welcome</h1>
      <form method="post" action="/signup"><label>E-mail <input name="email"></label><button>Sign up</button></form>
      <script>${script}</script>`);
  });
  const server = app.listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const url = `http://localhost:${port}`;

  const sandbox = await createSandbox({ appUrl: `${url}/` });
  t.after(() => sandbox.close());
  const refport = new Refport({ apiKey: sandbox.apiKey, baseUrl: sandbox.url });
  t.after(() => refport.close());
  app.post('/signup', async (/** @type {any} */ req, /** @type {any} */ res) => {
    const clickId = getClickIdFromRequest(req);
    const { email } = req.body;
    if (clickId) {
      await refport.track.lead({ clickId, eventName: 'Sign up', customerExternalId: 'user_1', customerEmail: email });
    }
    res.send('<h1>Signed up</h1>');
  });
  return { app, sandbox, url };
}

module.exports = { openShop };
