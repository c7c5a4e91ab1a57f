'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');
const { test } = require('node:test');

const BIN = path.resolve(__dirname, '../../dist/cli.cjs');

/**
 * @param {import('node:test').TestContext} t
 * @param {string[]} args
 */
function run(t, args) {
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    /** The next line of output. */
    async next() {
      const { value, done } = await lines.next();
      if (done) throw new Error(`it ended: ${stderr}`);
      return /** @type {string} */ (value);
    },
    /** Waits for the end. */
    async end() {
      const [code] = await once(child, 'close');
      let rest = '';
      for await (const line of { [Symbol.asyncIterator]: () => lines }) rest += `${line}\n`;
      return { code, stdout: rest, stderr };
    },
  };
}

/**
 * @param {import('node:test').TestContext} t
 * @param {string[]} args
 */
async function runSandbox(t, ...args) {
  const command = run(t, ['sandbox', '--port', '0', '--json', ...args]);
  const listening = JSON.parse(await command.next());
  return {
    ...command,
    listening,
    /** @type {() => Promise<any>} */
    nextEvent: async () => JSON.parse(await command.next()),
    /**
     * @param {string} call
     * @param {object} params
     */
    post: (call, params) =>
      fetch(`${listening.url}/api/${call}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${listening.apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ clickId: 'click_1', customerExternalId: 'user_1', eventName: 'Sign up', ...params }),
      }),
  };
}

test('it says where it is and how to point the SDK at it', async (t) => {
  const { next, child, end } = run(t, ['sandbox', '--port', '0']);
  let text = '';
  while (!text.includes('Known clicks')) text += `${await next()}\n`;
  const [, url] = /^ {2}REFPORT_BASE_URL=(http:\/\/127\.0\.0\.1:\d+)$/m.exec(text) ?? [];
  assert.match(text, /^ {2}REFPORT_API_KEY=sandbox_key$/m);
  assert.ok(text.includes(`Dashboard:     ${url}/\n`));
  assert.ok(text.includes(`${url}/go/ada\n`));
  assert.match(text, /click_1, click_unlinked \(without link\)/);
  assert.equal((await fetch(`${url}/`)).status, 200);
  child.kill('SIGTERM');
  assert.equal((await end()).code, 0);
});

test('it prints a line per request, and nothing that steers a terminal', async (t) => {
  const { next, child } = run(t, ['sandbox', '--port', '0']);
  let line = '';
  let url = '';
  while (!line.startsWith('Known clicks')) {
    line = await next();
    url = /REFPORT_BASE_URL=(.*)/.exec(line)?.[1] ?? url;
  }
  await next();
  const headers = { authorization: 'Bearer sandbox_key', 'content-type': 'application/json' };
  const body = { clickId: 'click_1', customerExternalId: 'user\u001b[2J\r\n\u202e7', amount: 4900 };
  await fetch(`${url}/api/track/sale`, { method: 'POST', headers, body: JSON.stringify(body) });
  assert.match(
    await next(),
    /^\d\d:\d\d:\d\d {2}200 {2}POST \/api\/track\/sale {2}user\ufffd\[2J\ufffd{3}7 4900 {2}\d+ ms$/,
  );
  await fetch(`${url}/api/track/sale`, { method: 'POST', headers, body: JSON.stringify({ ...body, amount: 49.99 }) });
  assert.match(await next(), / 49\.99 {2}! amount 49\.99 is not whole: .* {2}\d+ ms$/);
  await fetch(`${url}/api/track/sale`, { method: 'POST', headers, body: '{' });
  assert.match(await next(), / {2}400 .* {2}VALIDATION_ERROR: The body is not valid JSON {2}/);
  await fetch(`${url}/go/ada`, { redirect: 'manual' });
  assert.match(await next(), / {2}302 {2}GET \/go\/ada {2}http:\/\/localhost:3000\/\?refp_id=click_[\w-]+ {2}/);
  child.kill();
});

test('amounts that the API takes but nobody means are marked', async (t) => {
  const { nextEvent, post } = await runSandbox(t);
  for (const [amount, warning] of /** @type {Array<[number, RegExp | null]>} */ ([
    [49.99, /^amount 49\.99 is not whole: it is in the smallest unit, such as cents$/],
    [-1, /^amount -1 is negative$/],
    [1e21, /^amount 1e\+21 is too large to be exact$/],
    [4999, null],
  ])) {
    assert.equal((await post('track/sale', { amount })).status, 200);
    const event = await nextEvent();
    if (warning) assert.match(event.warning, warning);
    else assert.equal(event.warning, null);
  }
});

test('--json prints JSON lines', async (t) => {
  const { listening, nextEvent, post } = await runSandbox(t, '--key', 'first', '--key', 'second');
  assert.deepEqual([listening.type, listening.apiKey, listening.ca], ['listening', 'first', null]);
  assert.deepEqual(listening.clicks, [
    { id: 'click_1', partner: 'ada' },
    { id: 'click_unlinked', partner: null },
  ]);
  await post('track/lead', {});
  const { type, call, status, outcome, customerId, error } = await nextEvent();
  assert.deepEqual(
    [type, call, status, outcome, customerId, error],
    ['request', 'lead', 200, 'answered', 'user_1', null],
  );
});

test('--fail programs faults', async (t) => {
  const { nextEvent, post } = await runSandbox(t, '--fail', 'sale:429', '--fail', 'lead:drop:1');
  for (let i = 0; i < 3; i++) {
    assert.equal((await post('track/sale', { amount: 1 })).status, 429);
    assert.deepEqual((await nextEvent()).faults, ['fail']);
  }
  await assert.rejects(post('track/lead', {}));
  assert.equal((await nextEvent()).outcome, 'dropped');
  assert.equal((await post('embed/token', { tenantId: 'ada' })).status, 200);
});

test('--fail takes a chance', async (t) => {
  const { post } = await runSandbox(t, '--fail', 'sale:429:0.5');
  const statuses = new Set();
  // All alike once in 2^199 runs.
  for (let i = 0; i < 200; i++) statuses.add((await post('track/sale', { amount: 1 })).status);
  assert.deepEqual([...statuses].sort(), [200, 429]);
});

test('--click, --app, --commission and --latency', async (t) => {
  const { listening, nextEvent, post } = await runSandbox(
    t,
    ...['--click', 'mine', '--click', 'theirs:grace', '--click', 'odd:id:none'],
    ...['--app', 'https://shop.example/a', '--commission', '12.5', '--latency', '30-40'],
  );
  assert.deepEqual(listening.clicks, [
    { id: 'mine', partner: 'ada' },
    { id: 'theirs', partner: 'grace' },
    { id: 'odd:id', partner: null },
  ]);
  const sale = await post('track/sale', { clickId: 'mine', amount: 1000 });
  assert.equal((await sale.json()).sale.commissionAmount, 125);
  assert.ok((await nextEvent()).duration >= 29);
  const link = await fetch(`${listening.url}/go/ada`, { redirect: 'manual' });
  assert.match(link.headers.get('location') ?? '', /^https:\/\/shop\.example\/a\?refp_id=/);
});

test('--http2 and --https print the authority to trust', async (t) => {
  for (const flag of ['--https', '--http2']) {
    const { listening } = await runSandbox(t, flag);
    assert.match(listening.url, /^https:/);
    assert.match(listening.ca, /^-----BEGIN CERTIFICATE-----/);
  }
});

test('an invoice that is reported again is printed with a note', async (t) => {
  const { next } = run(t, ['sandbox', '--port', '0']);
  let url = '';
  for (let line = ''; !line.startsWith('Known clicks'); line = await next()) {
    url = /REFPORT_BASE_URL=(\S+)/.exec(line)?.[1] ?? url;
  }
  for (const amount of [100, 100, 200]) {
    const headers = { authorization: 'Bearer sandbox_key', 'content-type': 'application/json' };
    const sale = { clickId: 'click_1', customerExternalId: 'user_1', invoiceId: 'in_1', amount };
    await fetch(`${url}/api/track/sale`, { method: 'POST', headers, body: JSON.stringify(sale) });
  }
  const lines = [];
  while (lines.length < 3) {
    const line = await next();
    if (line.includes('/api/track/sale')) lines.push(line);
  }
  assert.doesNotMatch(lines[0] ?? '', /counted/);
  assert.match(lines[1] ?? '', / {2}counted already by request 1 {2}/);
  assert.match(lines[2] ?? '', / {2}counted already by request 1; amount differs {2}/);
});

test('the faults of --fail, and no others, are there from the start and again after a reset', async (t) => {
  const { listening, nextEvent } = await runSandbox(t, '--fail', 'sale:429');
  const readFaults = async () => (await (await fetch(`${listening.url}/_sandbox/state`)).json()).faults;
  const descriptions = async () => (await readFaults()).map((/** @type {any} */ { description }) => description);
  assert.deepEqual(await descriptions(), ['track.sale: status 429']);
  const headers = { 'content-type': 'application/json' };
  assert.equal((await fetch(`${listening.url}/_sandbox/reset`, { method: 'POST', headers })).status, 200);
  assert.equal((await nextEvent()).type, 'reset');
  assert.deepEqual(await descriptions(), ['track.sale: status 429']);
});

test('--outbox, --redis and --postgres choose the outbox of the dashboard', async (t) => {
  for (const [args, place] of /** @type {Array<[string[], string]>} */ ([
    [['--outbox', 'outbox.db'], 'outbox.db'],
    [['--redis', 'redis://127.0.0.1:1', '--prefix', 'shop'], 'redis://127.0.0.1:1'],
    [['--postgres', 'postgres://127.0.0.1:1/shop', '--schema', 'boss'], 'postgres://127.0.0.1:1/shop'],
  ])) {
    const { listening } = await runSandbox(t, ...args);
    const state = await (await fetch(`${listening.url}/_sandbox/state`)).json();
    assert.equal(state.outbox, place);
  }
});

test('with --data nothing that was acknowledged is lost when it is killed', async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'data.jsonl');
  const first = await runSandbox(t, '--data', file);
  /** @type {number[]} */
  const acknowledged = [];
  let amount = 0;
  const customer = async () => {
    for (;;) {
      amount += 1;
      const mine = amount;
      const answer = await first.post('track/sale', { amount: mine, invoiceId: `in_${mine}` });
      if ((await answer.json()).sale.amount === mine) acknowledged.push(mine);
      if (acknowledged.length === 60) first.child.kill('SIGKILL');
    }
  };
  await Promise.allSettled(Array.from({ length: 8 }, customer));
  const second = await runSandbox(t, '--data', file);
  const { sales } = await (await fetch(`${second.listening.url}/_sandbox/state`)).json();
  const kept = new Set(sales.map((/** @type {any} */ sale) => sale.amount));
  assert.ok(acknowledged.length >= 60);
  assert.deepEqual(
    acknowledged.filter((sale) => !kept.has(sale)),
    [],
  );
});

test('it ends when told to, by either signal', async (t) => {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    const { child, end } = await runSandbox(t);
    child.kill(signal);
    assert.deepEqual(await end(), { code: 0, stdout: '', stderr: '' });
  }
});

/** @type {Array<[args: string[], code: number, stdout: RegExp, stderr: RegExp]>} */
const ANSWERS = [
  [['sandbox', '--help'], 0, /^Usage: npx refport sandbox \[options\]\n(?:.*\n)*.*--fail sale:429:0\.2/, /^$/],
  [['--help'], 0, /^Usage: npx refport sandbox/, /^$/],
  [[], 2, /^$/, /^Usage: npx refport sandbox/],
  [['serve'], 2, /^$/, /^There is no command "serve"\. Usage/],
  [['sandbox', '--prot', '1'], 1, /^$/, /--prot.*\n.*--help/],
  [['sandbox', 'extra'], 1, /^$/, /extra/],
  [['sandbox', '--port', 'x'], 1, /^$/, /^--port must be a number, got "x"/],
  [['sandbox', '--port', '70000'], 1, /^$/, /^port must be a whole number from 0 to 65535/],
  [['sandbox', '--fail', 'sale'], 1, /^$/, /^--fail takes <on:what\[:p\]>, such as sale:429:0\.2, got "sale"/],
  [['sandbox', '--fail', 'sale:429:0.5:x'], 1, /^$/, /^--fail takes/],
  [['sandbox', '--fail', 'sales:429'], 1, /^$/, /^on must be one of lead, sale, token, any/],
  [['sandbox', '--fail', 'sale:429:2'], 1, /^$/, /^probability must be/],
  [['sandbox', '--latency', '20-10'], 1, /^$/, /^latency must be/],
  [['sandbox', '--app', 'shop'], 1, /^$/, /^--app must be an http: or https: URL, got 'shop'/],
  [['sandbox', '--outbox', 'a', '--redis', 'redis://b'], 1, /^$/, /^Only one of --outbox, --redis and --postgres/],
  [['sandbox', '--outbox', 'a', '--prefix', 'b'], 1, /^$/, /^--prefix belongs to --redis/],
  [['sandbox', '--outbox', 'a', '--schema', 'b'], 1, /^$/, /^--schema belongs to --postgres/],
  [['sandbox', '--fail', 'sale:foo'], 1, /^$/, /^--fail takes a status or "drop", got "foo" in "sale:foo"/],
];

for (const [args, code, stdout, stderr] of ANSWERS) {
  test(`refport ${args.join(' ')}`, async (t) => {
    const result = await run(t, args).end();
    assert.match(result.stderr, stderr);
    assert.match(result.stdout, stdout);
    assert.equal(result.code, code);
  });
}

test('a port that is taken is told plainly', async (t) => {
  const { listening } = await runSandbox(t);
  const second = await run(t, ['sandbox', '--port', new URL(listening.url).port]).end();
  assert.equal(second.code, 1);
  assert.ok(second.stderr.includes(`Port ${new URL(listening.url).port} `), second.stderr);
  assert.match(second.stderr, /^Port \d+ is taken\. Choose another one with --port/);
});
