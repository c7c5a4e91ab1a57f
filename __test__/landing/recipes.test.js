'use strict';

// The recipes of docs/landing.md with the real packages, as far as this repository has them; npm run test:examples -- landing
// runs the others.

const assert = require('node:assert/strict');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const { pathToFileURL } = require('node:url');
const { captureClickId, getClickIdFromRequest } = require('refport');
const { landingRequests } = require('../support/landing-requests.js');
const { fragments, recipes, writeRecipe } = require('../support/recipes.js');

const root = path.resolve(__dirname, '../..');
const modules = path.join(root, 'node_modules');

let folder = '';

before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-landing-'));
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
  fs.mkdirSync(path.join(folder, 'node_modules'));
  fs.symlinkSync(root, path.join(folder, 'node_modules', 'refport'), 'junction');
  fs.symlinkSync(path.join(modules, 'next'), path.join(folder, 'node_modules', 'next'), 'junction');
});

after(() => fs.rmSync(folder, { recursive: true, force: true }));

/** @param {string} name @param {string} [place] folder of its own @returns {Promise<any>} */
function load(name, place = name) {
  const file = writeRecipe(name, path.join(folder, place, name));
  return import(pathToFileURL(file).href);
}

/** An application that sets a cookie of its own, with the recipe in it. @type {Record<string, () => Promise<http.RequestListener>>} */
const applications = {
  async express() {
    const app = require('express')();
    app.use((await load('express')).keepClick);
    return app.get('/', (/** @type {any} */ _, /** @type {any} */ res) =>
      res.append('Set-Cookie', 'theme=dark').send('welcome'),
    );
  },

  async fastify() {
    const app = require('fastify')();
    (await load('fastify')).keepClick(app);
    app.get('/', (/** @type {any} */ _, /** @type {any} */ reply) =>
      reply.header('set-cookie', 'theme=dark').send('welcome'),
    );
    await app.ready();
    return app.routing;
  },

  async koa() {
    const Koa = require('koa');
    const app = new Koa().use((await load('koa')).keepClick);
    app.use((/** @type {any} */ ctx) => {
      ctx.cookies.set('theme', 'dark');
      ctx.body = 'welcome';
    });
    return app.callback();
  },

  async hono() {
    const { Hono } = await import('hono');
    const { setCookie } = await import('hono/cookie');
    const { getRequestListener } = await import('@hono/node-server');
    const app = new Hono().use((await load('hono')).keepClick);
    app.get('/', (c) => {
      setCookie(c, 'theme', 'dark');
      return c.text('welcome');
    });
    return getRequestListener(app.fetch);
  },

  async 'h3 v1, of Nitro 2 and Nuxt'() {
    const h3 = require('h3-v1');
    const app = h3.createApp().use((await loadWithH3('h3-v1')).default);
    app.use(
      h3.eventHandler((/** @type {any} */ event) => {
        h3.setCookie(event, 'theme', 'dark');
        return 'welcome';
      }),
    );
    return h3.toNodeListener(app);
  },

  async 'h3 v2'() {
    const { H3, setCookie, toNodeHandler } = await import('h3/node');
    const app = new H3().use((await loadWithH3('h3')).default);
    app.get('/', (event) => {
      setCookie(event, 'theme', 'dark');
      return 'welcome';
    });
    return toNodeHandler(app);
  },

  async 'node-http'() {
    const { keepClick } = await load('node-http');
    return (req, res) => {
      res.setHeader('set-cookie', 'theme=dark');
      keepClick(req, res);
      res.end('welcome');
    };
  },

  async 'lambda, behind a Function URL'() {
    const { handler } = await load('lambda');
    return lambda('Lambda URL, API Gateway v2', async (event) => {
      const { statusCode, cookies, body } = await handler(event);
      return { statusCode, cookies, body };
    });
  },

  ...Object.fromEntries(
    ['API Gateway v1', 'load balancer, which decodes nothing'].map((gateway) => [
      `lambda-v1, behind ${gateway}`,
      async () => {
        const { handler } = await load('lambda-v1', gateway.slice(0, 3));
        return lambda(gateway, async (event) => {
          const { statusCode, multiValueHeaders, body } = await handler(event);
          return { statusCode, cookies: multiValueHeaders['Set-Cookie'], body };
        });
      },
    ]),
  ),

  async 'lambda-edge'() {
    const { handler } = await load('lambda-edge');
    return lambda('Lambda@Edge', async (event) => {
      // The origin's response, to a request that CloudFront took.
      const headers = { 'set-cookie': [{ key: 'Set-Cookie', value: 'theme=light' }] };
      event.Records[0].cf.response = { status: '200', statusDescription: 'OK', headers };
      const response = await handler(event);
      const cookies = response.headers['set-cookie'].map((/** @type {any} */ { value }) => value);
      assert.equal(cookies.shift(), 'theme=light');
      return { statusCode: Number(response.status), cookies, body: 'welcome' };
    });
  },

  async worker() {
    const page = await serve((_, res) => res.setHeader('set-cookie', 'theme=dark').end('welcome'));
    const worker = (await load('worker')).default;
    return async (req, res) => {
      const response = await worker.fetch(new Request(page + req.url, { headers: { host: 'shop.example' } }));
      for (const line of response.headers.getSetCookie()) res.appendHeader('set-cookie', line);
      res.end(await response.text());
    };
  },
};

/**
 * What AWS does between a visitor and a function: it makes an event of the request, and a response of the result.
 *
 * @param {string} gateway name of the event's shape
 * @param {(event: any) => Promise<{ statusCode: number, cookies: string[], body: string }>} invoke
 * @returns {http.RequestListener}
 */
function lambda(gateway, invoke) {
  const makeEvent = landingRequests[gateway] ?? assert.fail(gateway);
  return async (req, res) => {
    const event = JSON.parse(JSON.stringify(makeEvent((req.url ?? '').split('?')[1] ?? '', req.headers.cookie)));
    const { statusCode, cookies, body } = await invoke(event);
    res.writeHead(statusCode, { 'set-cookie': ['theme=dark', ...cookies] }).end(body);
  };
}

/** @param {string} version the package that is `h3` for the recipe */
async function loadWithH3(version) {
  const place = `nitro-${version}`;
  const own = path.join(folder, place, 'node_modules');
  fs.mkdirSync(own, { recursive: true });
  fs.symlinkSync(path.join(modules, version), path.join(own, 'h3'), 'junction');
  return load('nitro', place);
}

/** @type {http.Server[]} */
const servers = [];
after(() => servers.forEach((server) => void server.close()));

/** @param {http.RequestListener} listener */
async function serve(listener) {
  const server = http.createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return `http://127.0.0.1:${port}`;
}

/** @param {string} url */
async function visit(url) {
  const headers = { host: 'shop.example' };
  const [response] = await once(http.get(url, { headers, agent: false }), 'response');
  response.resume();
  assert.equal(response.statusCode, 200);
  /** @type {string[]} */
  const cookies = response.headers['set-cookie'] ?? [];
  return cookies.map((line) => line.replace(/^(theme=dark);.*/, '$1')).sort();
}

const KEPT = 'refp_id=click%2F1; Max-Age=7776000; Path=/; SameSite=Lax; HttpOnly; Secure';

describe("a visit over a partner's link leaves the cookie next to those of the application, another visit none", () => {
  for (const [name, make] of Object.entries(applications)) {
    test(name, async () => {
      const url = await serve(await make());
      assert.deepEqual(await visit(`${url}/?refp_id=click%2F1`), [KEPT, 'theme=dark']);
      assert.deepEqual(await visit(`${url}/`), ['theme=dark']);
    });
  }

  test('nextjs', async () => {
    const { NextRequest } = require('next/server');
    const { proxy } = await load('nextjs');
    const visit = (/** @type {string} */ url) => proxy(new NextRequest(url)).headers.getSetCookie();
    assert.deepEqual(visit('https://shop.example/?refp_id=click%2F1'), [KEPT]);
    assert.deepEqual(visit('https://shop.example/'), []);
  });
});

test('every recipe is run, here or with the examples, and has at most ten lines', () => {
  const here = ['express', 'fastify', 'hono', 'koa', 'nextjs', 'nitro', 'worker', 'node-http'];
  const lambdas = ['lambda', 'lambda-v1', 'lambda-edge'];
  const withExamples = ['astro', 'react-router', 'sveltekit'];
  assert.deepEqual([...recipes.keys()].sort(), [...here, ...lambdas, ...withExamples].sort());
  for (const [name, { code }] of recipes) {
    const lines = code.split('\n').filter((line) => line !== '');
    assert.ok(lines.length <= 10, `${name} has ${lines.length} lines`);
  }
});

test('the apps of examples/landing have the recipes as they are on the page', () => {
  const copies = {
    astro: 'astro/src/middleware.js',
    express: 'nestjs/keep-click.js',
    'react-router': 'react-router/keep-click.js',
    sveltekit: 'sveltekit/src/hooks.server.js',
  };
  for (const [name, file] of Object.entries(copies)) {
    assert.equal(fs.readFileSync(path.join(root, 'examples', 'landing', file), 'utf8'), recipes.get(name)?.code, file);
  }
});

describe('the fragments of the page', () => {
  /** @param {string} name @param {string} result */
  const run = (name, result, names = {}) => {
    const known = { captureClickId, getClickIdFromRequest, ...names };
    const code = `return (async () => { ${fragments.get(name)}; return ${result}; })()`;
    return new Function(...Object.keys(known), code)(...Object.values(known));
  };
  const request = new Request('https://shop.example/?refp_id=click_1', { headers: { cookie: 'refp_id=click_0' } });

  test('the cookie of a response', async () => {
    const response = new Response();
    await run('capture', '0', { request, response });
    assert.match(response.headers.get('set-cookie') ?? '', /^refp_id=click_1;/);
  });

  test('a sign-up on the landing page', async () => {
    assert.equal(await run('sign-up', 'clickId', { request }), 'click_1');
    const later = new Request('https://shop.example/', { headers: { cookie: 'refp_id=click_0' } });
    assert.equal(await run('sign-up', 'clickId', { request: later }), 'click_0');
  });

  test('consent', async () => {
    for (const consent of [true, false]) {
      const response = new Response();
      await run('consent', '0', { request, response, hasConsent: () => consent });
      assert.equal(response.headers.has('set-cookie'), consent);
    }
  });

  test('a banner on the landing page posts the consent', () => {
    const banner = new Request('https://shop.example/consent', {
      method: 'POST',
      headers: { host: 'shop.example', referer: 'https://shop.example/?refp_id=click_1' },
    });
    const click = captureClickId({ url: banner.headers.get('referer'), headers: banner.headers });
    assert.match(click?.setCookie ?? '', /^refp_id=click_1;.*; Secure$/);
  });

  test('a sign-in that comes back by POST', async () => {
    /** @type {Map<string, object>} */
    const saved = new Map();
    const logins = { save: saved.set.bind(saved), take: saved.get.bind(saved) };
    assert.equal(await run('apple', 'clickId', { request, logins, state: 's' }), 'click_0');
  });

  test('all of them are run', () => {
    assert.deepEqual([...fragments.keys()].sort(), ['apple', 'capture', 'consent', 'sign-up']);
  });
});
