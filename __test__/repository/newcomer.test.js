'use strict';

// What somebody with Stripe does who has the README and nothing else: install, start the sandbox, put the quick start's
// program behind two routes, click a partner's link, buy. At the end there is a commission.

const assert = require('node:assert/strict');
const { execFile, spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { promisify } = require('node:util');
const { blocks } = require('../support/documentation.js');
const { npmRegistry } = require('../support/npm-registry.js');
const stripe = require('../support/payments/stripe.js');
const { startRecordingServer } = require('../support/recording-server.js');
const { cleanEnvironment } = require('../support/run-node.js');
const { stagedRelease } = require('../support/staged-release.js');

const root = path.resolve(__dirname, '../..');
const run = promisify(execFile);

/** The framework that a newcomer has: it turns requests into those of the Fetch API and back. */
const FRAMEWORK = `
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';

// Stripe's SDK takes another host as an option alone.
const { hostname, port } = new URL(process.env.STRIPE_STAND_IN);
https.request = ({ path, method, headers }) => http.request({ host: hostname, port, path, method, headers });
syncBuiltinESMExports();

const { checkout, POST } = await import('./out/shop.js');
const routes = {
  '/buy': async (request) => Response.json({ url: (await checkout(request, 'user_1')).url }),
  '/webhook': POST,
};
const server = http.createServer(async (req, res) => {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  const request = new Request('http://localhost' + req.url, { method: 'POST', headers: req.headers, body: Buffer.concat(chunks) });
  const response = await routes[req.url](request);
  res.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text());
});
server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port));
`;

/** @param {import('node:test').TestContext} t */
function emptyProject(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-newcomer-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "name": "shop", "private": true, "type": "module" }');
  return folder;
}

/**
 * `npm install refport stripe`, the first from a registry that has it, the second from this clone.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} folder
 */
async function install(t, folder) {
  const release = stagedRelease();
  t.after(() => release.remove());
  const registry = await npmRegistry([release.main, ...release.platforms.values()]);
  t.after(() => registry.close());
  const { PATH = '' } = process.env;
  const env = { PATH, HOME: folder };
  await run('npm', ['install', 'refport', '--registry', registry.url, '--no-audit', '--no-fund'], { cwd: folder, env });
  for (const name of ['stripe', '@types']) {
    fs.symlinkSync(path.join(root, 'node_modules', name), path.join(folder, 'node_modules', name));
  }
}

/**
 * Starts a program that runs until the test ends.
 *
 * @param {import('node:test').TestContext} t
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @param {RegExp} ready what it prints when it can be used
 * @returns {Promise<string>} what it printed by then
 */
async function start(t, args, options, ready) {
  const child = spawn(process.execPath, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return new Promise((resolve, reject) => {
    let printed = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk) => {
      printed += chunk;
      if (ready.test(printed)) resolve(printed);
    });
    ended.then(() => reject(new Error(`It ended before it was ready: ${printed}`)));
  });
}

/** The quick start's program with Stripe, compiled. @param {string} folder */
async function writeShop(folder) {
  const programs = blocks.filter(({ heading, code }) => heading === 'Quick start' && code.includes('saleFromStripe'));
  assert.equal(programs.length, 1);
  fs.writeFileSync(path.join(folder, 'shop.ts'), String(programs[0]?.code));
  const compilerOptions = {
    strict: true,
    target: 'es2022',
    lib: ['es2023', 'dom'],
    module: 'nodenext',
    types: ['node'],
    outDir: 'out',
    skipLibCheck: true,
  };
  fs.writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['shop.ts'] }));
  await run(process.execPath, [path.join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '--project', folder]);
  fs.writeFileSync(path.join(folder, 'framework.js'), FRAMEWORK);
}

/** @param {string} url @param {RequestInit} [init] */
const post = (url, init) => fetch(url, { method: 'POST', ...init, signal: AbortSignal.timeout(30_000) });

test('from npm install to a commission in the sandbox', { timeout: 180_000 }, async (t) => {
  const folder = emptyProject(t);
  await install(t, folder);
  await writeShop(folder);
  const standIn = await startRecordingServer(() => ({ body: '{ "id": "cs_1", "url": "https://pay.example.com/" }' }));
  t.after(() => standIn.close());

  // npx refport sandbox, and what it prints goes into the environment.
  const command = path.join(folder, 'node_modules', 'refport', 'dist', 'cli.cjs');
  const options = { cwd: folder, env: cleanEnvironment() };
  const printed = await start(t, [command, 'sandbox', '--port', '0'], options, /Partner link: .+\n/);
  const settings = Object.fromEntries([...printed.matchAll(/^ +(REFPORT_\w+)=(\S+)$/gm)].map(([, ...pair]) => pair));
  assert.deepEqual(Object.keys(settings), ['REFPORT_BASE_URL', 'REFPORT_API_KEY']);
  const env = {
    ...cleanEnvironment(),
    ...settings,
    STRIPE_SECRET_KEY: 'sk_test_none',
    STRIPE_WEBHOOK_SECRET: stripe.SECRET,
    STRIPE_STAND_IN: standIn.url,
  };
  const app = (await start(t, ['framework.js'], { cwd: folder, env }, /\n/)).trim();

  // A partner's link leads to the shop, where the browser SDK puts the click into a cookie.
  const [, link = ''] = /Partner link: +(\S+)/.exec(printed) ?? [];
  const click = await fetch(link, { redirect: 'manual' });
  const clickId = new URL(String(click.headers.get('location'))).searchParams.get('refp_id');
  const bought = await post(`${app}/buy`, { headers: { cookie: `refp_id=${clickId}` } });
  assert.deepEqual(await bought.json(), { url: 'https://pay.example.com/' });

  // Stripe takes the payment and tells of it, twice: everything is delivered at least once.
  const form = new URLSearchParams(String(standIn.requests[0]?.body));
  const metadata = Object.fromEntries(
    ['refp_id', 'refp_customer_id'].map((name) => [name, form.get(`subscription_data[metadata][${name}]`)]),
  );
  const parent = { type: 'subscription_details', subscription_details: { subscription: 'sub_1', metadata } };
  const event = stripe.stripeEvent('invoice.paid', stripe.invoice({ parent }), { livemode: false });
  const { payload, signature } = stripe.signStripe(event);
  for (let delivery = 0; delivery < 2; delivery++) {
    const { status } = await post(`${app}/webhook`, { body: payload, headers: { 'stripe-signature': signature } });
    assert.equal(status, 200);
  }

  const state = await (await fetch(`${settings.REFPORT_BASE_URL}/_sandbox/state`)).json();
  assert.deepEqual(
    state.sales.map((/** @type {any} */ { clickId, commission }) => [clickId, commission]),
    [[clickId, 980]],
  );
});
