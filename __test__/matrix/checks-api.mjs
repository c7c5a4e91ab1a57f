// What succeeds: the modules, the three calls, the click id helpers.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import * as refport from 'refport';
import { Outbox } from 'refport/outbox';
import * as result from 'refport/result';
import * as testing from 'refport/testing';

const require = createRequire(import.meta.url);

/**
 * Runs with a sandbox of its own and a client for it.
 *
 * @typedef {(client: refport.Refport, sandbox: testing.Sandbox) => unknown} Run
 *
 * @param {Run} run
 * @param {testing.SandboxOptions} [options]
 * @param {object} [clientOptions]
 */
export async function withSandbox(run, options = {}, clientOptions = {}) {
  const sandbox = await testing.createSandbox(options);
  const { apiKey, url: baseUrl, ca } = sandbox;
  try {
    await run(new refport.Refport({ apiKey, baseUrl, ca, ...clientOptions }), sandbox);
  } finally {
    await sandbox.close();
  }
}

/** @param {testing.Sandbox} sandbox */
export const leadParams = (sandbox) => ({
  clickId: sandbox.clickId,
  eventName: 'Sign up',
  customerExternalId: 'user_1',
  customerEmail: 'ada@example.com',
  metadata: { text: 'Grüße \u{1f600}', nested: { list: [1, 2.5, null, true] } },
});

/** @type {Run} */
const everyCall = async (client, sandbox) => {
  const lead = await client.track.lead(leadParams(sandbox));
  assert.equal(lead?.click.id, sandbox.clickId);
  assert.deepEqual(sandbox.leads[0].params, leadParams(sandbox));
  const params = { clickId: sandbox.clickId, customerExternalId: 'user_1', amount: 4900, invoiceId: 'in_1' };
  const { sale } = await client.track.sale(params);
  assert.equal(sale.commissionAmount, 980);
  const { expires, publicToken } = await client.embedTokens.create({ partner: { email: 'ada@example.com' } });
  assert.ok(expires instanceof Date && expires > new Date());
  assert.match(publicToken, /^pt_/);
};

/** With authorities of its own, which is the addon's to trust. */
const TLS = {
  'HTTP/1.1 with an authority of its own': () => withSandbox(everyCall, { https: true }),
  'HTTP/2': () =>
    withSandbox(
      async (client, sandbox) => {
        await everyCall(client, sandbox);
        assert.equal(sandbox.requests[0].httpVersion, '2.0');
      },
      { http2: true },
    ),
  'an unknown authority is refused': () =>
    withSandbox(
      (client, sandbox) => assert.rejects(client.track.lead(leadParams(sandbox)), refport.RefportConnectionError),
      { https: true },
      { ca: undefined, maxRetries: 0 },
    ),
};

const isNative = refport.Refport.engine === 'native';

/** What only the addon can do, and fetch refuses: a check returns what to show of it in the table. */
const addonAlone = {
  'proxy, ca': isNative
    ? {
        'a proxy that is not there is named': () => {
          const client = new refport.Refport({
            apiKey: 'key',
            baseUrl: 'http://127.0.0.1:1',
            proxy: 'http://127.0.0.1:2',
            maxRetries: 0,
          });
          return assert.rejects(client.embedTokens.create({ tenantId: 't' }), { message: /127\.0\.0\.1:2/ });
        },
      }
    : {
        'are refused by name': () => {
          for (const option of ['proxy', 'ca']) {
            assert.throws(() => new refport.Refport({ apiKey: 'key', [option]: 'http://proxy.test' }), {
              name: 'RefportValidationError',
              message: new RegExp(`^${option} is not possible`),
            });
          }
          return 'refused';
        },
      },
  'refport/outbox': {
    'delivers what it recorded, or is refused': async () => {
      const folder = mkdtempSync(join(tmpdir(), 'refport-outbox-'));
      const path = join(folder, 'refport.db');
      try {
        await withSandbox(async (client, sandbox) => {
          if (!isNative) return assert.throws(() => new Outbox(client, { path }), /native/);
          const outbox = new Outbox(client, { path });
          await outbox.track.lead(leadParams(sandbox));
          await outbox.drained();
          assert.equal(sandbox.leads.length, 1);
          await outbox.close();
        });
      } finally {
        rmSync(folder, { recursive: true });
      }
      return isNative ? undefined : 'refused';
    },
  },
};

export const areas = {
  'import and require': {
    'the engine is the addon where there is one, and fetch where there is none': () => {
      const there = readdirSync(new URL('../../dist', import.meta.url)).some((name) => name.endsWith('.node'));
      assert.equal(refport.Refport.engine, there ? 'native' : 'fetch');
    },
    'give the same objects': () => {
      /** @type {Record<string, Record<string, unknown>>} */
      const modules = {
        refport: { ...refport },
        'refport/result': { ...result },
        'refport/testing': { ...testing },
      };
      for (const [name, module] of Object.entries(modules)) {
        const required = require(name);
        assert.ok(Object.keys(required).length > 0);
        for (const key of Object.keys(required)) assert.equal(module[key], required[key], key);
      }
    },
    'a key never shows': () => {
      const client = new refport.Refport({ apiKey: 'secret-key', baseUrl: 'http://127.0.0.1:1' });
      assert.ok(!inspect(client, { depth: 9, showHidden: true }).includes('secret-key'));
      assert.ok(!JSON.stringify(client).includes('secret-key'));
    },
  },
  'lead, sale, embed token': {
    'HTTP/1.1': () => withSandbox(everyCall),
    'a click without link gives null': () =>
      withSandbox(async (client, sandbox) => {
        const params = { ...leadParams(sandbox), clickId: 'click_unlinked' };
        assert.equal(await client.track.lead(params), null);
      }),
    'detached methods': () =>
      withSandbox(async ({ track: { lead } }, sandbox) => {
        assert.ok(await lead(leadParams(sandbox)));
      }),
    '200 calls at once': () =>
      withSandbox(async (client, sandbox) => {
        const calls = Array.from({ length: 200 }, () => client.track.lead(leadParams(sandbox)));
        assert.equal((await Promise.all(calls)).length, 200);
        assert.equal(sandbox.leads.length, 200);
      }),
  },
  ...(isNative ? { 'TLS, HTTP/2': TLS } : {}),
  ...addonAlone,
  'refport/result': {
    'data or error': () =>
      withSandbox(async (_client, sandbox) => {
        const client = new result.Refport({ apiKey: sandbox.apiKey, baseUrl: sandbox.url });
        const good = await client.track.lead(leadParams(sandbox));
        assert.equal(good.error, null);
        assert.equal(good.data?.click.id, sandbox.clickId);
        const bad = await client.track.lead({ ...leadParams(sandbox), clickId: 'unknown' });
        assert.equal(bad.data, null);
        assert.ok(bad.error instanceof refport.RefportValidationError);
        assert.equal(bad.error.code, 'INVALID_CLICK_ID');
      }),
  },
  'click id helpers': {
    'from a header': () => {
      assert.equal(refport.getClickIdFromCookie('a=b; refp_id=%41bc; refp_id=no'), 'Abc');
      assert.equal(refport.getClickIdFromCookie('a=b; other="quoted"', 'other'), 'quoted');
      for (const nothing of ['', 'a=b', 'refp_id=', null, undefined]) {
        assert.equal(refport.getClickIdFromCookie(nothing), null);
      }
    },
    'from requests': () => {
      const requests = [
        new Request('http://localhost/', { headers: { cookie: 'refp_id=abc' } }),
        { headers: { cookie: 'refp_id=abc' } },
        { headers: new Map([['cookie', 'refp_id=abc']]) },
        { cookies: { refp_id: 'abc' } },
        { cookies: new Map([['refp_id', { value: 'abc' }]]) },
        { cookies: ['x=y', 'refp_id=abc'] },
      ];
      for (const request of requests) assert.equal(refport.getClickIdFromRequest(request), 'abc');
      for (const nothing of [null, undefined, 1, 'refp_id=abc', {}]) {
        assert.equal(refport.getClickIdFromRequest(nothing), null);
      }
    },
    'the cookie of a landing': () => {
      const setCookie = 'refp_id=click%2F1; Max-Age=7776000; Path=/; SameSite=Lax; HttpOnly; Secure';
      for (const request of [
        new Request('https://shop.example/?refp_id=click%2F1'),
        { url: '/?refp_id=click%2F1', headers: { host: 'shop.example' } },
      ]) {
        assert.deepEqual(refport.captureClickId(request), { clickId: 'click/1', setCookie });
      }
      assert.equal(refport.captureClickId(new Request('https://shop.example/')), null);
    },
  },
};
