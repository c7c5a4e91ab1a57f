'use strict';

// Somebody with Next.js and Stripe who has the README and nothing else: installs, builds without a key in the environment,
// starts the sandbox, clicks a partner's link, signs up, buys. At the end there is a commission.

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

/** What the newcomer has besides the files of the README. */
const APP = {
  'package.json': '{ "name": "shop", "private": true }',
  'next.config.mjs': `export default {
    serverExternalPackages: ['refport'],
    turbopack: { root: process.cwd() },
  };`,
  'jsconfig.json': JSON.stringify({ compilerOptions: { paths: { '@/*': ['./*'] } } }),
  'app/layout.js': `export default function Layout({ children }) {
    return <html lang="en"><body>{children}</body></html>;
  }`,
  'app/page.js': 'export default function Page() { return <h1>A shop</h1>; }',
  'app/buy/route.js': `import { checkout } from '@/checkout';
    export const POST = async (request) => Response.json({ url: (await checkout(request, 'user_1')).url });`,
  // Stripe's SDK takes another host as an option alone.
  'stand-in.mjs': `import http from 'node:http';
    import https from 'node:https';
    import { syncBuiltinESMExports } from 'node:module';
    const { hostname, port } = new URL(process.env.STRIPE_STAND_IN);
    https.request = ({ path, method, headers }) => http.request({ host: hostname, port, path, method, headers });
    syncBuiltinESMExports();`,
};

/** @param {import('node:test').TestContext} t */
function emptyProject(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-newcomer-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  fs.writeFileSync(path.join(folder, 'package.json'), APP['package.json']);
  return folder;
}

/**
 * `npm install refport` from a registry that has it. Next.js and Stripe are this clone's.
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
  // Copies: Next.js' bundler does not follow links out of the project.
  for (const name of withDependencies(['next', 'react', 'react-dom', 'stripe'])) {
    fs.cpSync(path.join(root, 'node_modules', name), path.join(folder, 'node_modules', name), { recursive: true });
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

/** The packages and all that they depend on, as far as this clone has them. @param {string[]} names */
function withDependencies(names) {
  const all = new Set(names);
  for (const name of all) {
    const manifest = path.join(root, 'node_modules', name, 'package.json');
    if (!fs.existsSync(manifest)) all.delete(name);
    else {
      const { dependencies = {}, optionalDependencies = {} } = JSON.parse(fs.readFileSync(manifest, 'utf8'));
      for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) all.add(needed);
    }
  }
  return all;
}

/** Puts the files of the quick start under their names, and builds. @param {string} folder */
async function buildShop(folder) {
  const shown = blocks.filter(({ heading, name }) => heading === 'Quick start' && name !== undefined);
  assert.equal(shown.length, 5);
  // As JavaScript: Next.js checks types with a TypeScript that this clone does not have. readme.test.js checks them.
  const { transformSync } = await import('rolldown/utils');
  const written = shown.map(({ name = '', code }) => [name.replace(/ts$/, 'js'), transformSync(name, code).code]);
  const files = { ...APP, ...Object.fromEntries(written) };
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  }
  const { REFPORT_API_KEY: _, ...withoutKey } = cleanEnvironment();
  await run(process.execPath, [nextIn(folder), 'build'], {
    cwd: folder,
    env: { ...withoutKey, NEXT_TELEMETRY_DISABLED: '1' },
  });
}

/** Next.js' command in a project. @param {string} folder */
const nextIn = (folder) => path.join(folder, 'node_modules', 'next', 'dist', 'bin', 'next');

/** @param {string} url @param {RequestInit} [init] */
const post = (url, init) => fetch(url, { method: 'POST', ...init, signal: AbortSignal.timeout(30_000) });

test('from npm install to a commission in the sandbox', { timeout: 180_000 }, async (t) => {
  const folder = emptyProject(t);
  await install(t, folder);
  await buildShop(folder);
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
  const args = ['--import', './stand-in.mjs', nextIn(folder), 'start', '--hostname', '127.0.0.1', '--port', '0'];
  const [, app = ''] = /Local: +(\S+)/.exec(await start(t, args, { cwd: folder, env }, /Ready in/)) ?? [];

  // A partner's link leads to the shop, which keeps the click in a cookie of its own.
  const [, link = ''] = /Partner link: +(\S+)/.exec(printed) ?? [];
  const click = await fetch(link, { redirect: 'manual' });
  const { search } = new URL(String(click.headers.get('location')));
  const clickId = new URLSearchParams(search).get('refp_id');
  const landing = await fetch(`${app}/${search}`);
  const [cookie = ''] = String(landing.headers.get('set-cookie')).split(';');
  assert.equal(cookie, `refp_id=${clickId}`);

  // The visitor signs up, and buys.
  const signUp = { body: '{ "email": "ada@example.com" }', headers: { cookie, 'content-type': 'application/json' } };
  assert.deepEqual(await (await post(`${app}/signup`, signUp)).json(), { welcome: 'ada@example.com' });
  const bought = await post(`${app}/buy`, { headers: { cookie } });
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
    const { status } = await post(`${app}/stripe`, { body: payload, headers: { 'stripe-signature': signature } });
    assert.equal(status, 200);
  }

  const state = await (await fetch(`${settings.REFPORT_BASE_URL}/_sandbox/state`)).json();
  assert.deepEqual(
    state.leads.map((/** @type {any} */ lead) => lead.clickId),
    [clickId],
  );
  assert.deepEqual(
    state.sales.map((/** @type {any} */ { clickId, commission }) => [clickId, commission]),
    [[clickId, 980]],
  );
});
