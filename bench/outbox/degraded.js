'use strict';

// Delivery to an API that fails some requests: sales with `invoiceId`, an API that takes 5 ms and answers 500 to a part of them.
// In brackets: the part of what the same outbox delivers when none fails. Where all fail: requests for each time that delivery paused.
//
//   node bench/outbox/degraded.js [STORE…]
//
// Everything is recorded before. What is timed is the middle half of the deliveries, when plenty is left. The rates are measured in
// turn, and the middle of the rounds counts.

const { fork } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { performance } = require('node:perf_hooks');
const { answerTo } = require('../../__test__/support/call-kinds.js');
const { clientFor } = require('../../__test__/support/refport-client.js');
const { stores } = require('../../__test__/support/stores/stores.js');
const { ensureServers } = require('../../scripts/servers.js');
const { built } = require('../built.js');
/** @type {typeof import('refport/outbox')} */
const { Outbox } = built('outbox');

const LATENCY = 5;
const ENTRIES = 3000;
const ROUNDS = 3;
const RATES = [0, 0.01, 0.2];
const GOAL = { rate: 0.2, part: 0.5 };
const CUT_OFF_AFTER = 12_000;
const RECORDED_AT_ONCE = 64;

/** The API, in a process of its own: at the end it says when it accepted each request, and how many came. */
function serve() {
  const rate = Number(process.argv[3]);
  /** @type {number[]} */
  const accepted = [];
  let requests = 0;
  const server = http.createServer((request, response) => {
    requests += 1;
    request.resume();
    setTimeout(() => {
      const isFailing = Math.random() < rate;
      if (!isFailing) accepted.push(performance.now());
      response.writeHead(isFailing ? 500 : 200, { 'Content-Type': 'application/json' });
      response.end(isFailing ? '{"error":{"code":"INTERNAL","message":"failed"}}' : answerTo(request.url));
    }, LATENCY);
  });
  server.listen(0, '127.0.0.1', () => {
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    process.send?.({ url: `http://127.0.0.1:${port}` });
  });
  process.on('message', () => process.send?.({ accepted, requests }));
}

/** @param {number} rate */
async function startApi(rate) {
  const child = fork(__filename, ['api', String(rate)]);
  const [{ url }] = await once(child, 'message');
  return {
    url,
    async end() {
      child.send('end');
      const [seen] = await once(child, 'message');
      child.kill();
      return /** @type {{ accepted: number[], requests: number }} */ (seen);
    },
  };
}

/** @param {import('refport/outbox').ConversionOutbox} outbox */
async function record(outbox) {
  let next = 0;
  const recorder = async () => {
    while (next < ENTRIES) {
      const n = next++;
      const sale = { clickId: 'click_1', customerExternalId: `user_${n}`, amount: 4900, invoiceId: `in_${n}` };
      await outbox.track.sale(sale);
    }
  };
  await Promise.all(Array.from({ length: RECORDED_AT_ONCE }, recorder));
}

/**
 * @param {(client: any, area: string, role: string) => any} open
 * @param {number} rate
 * @param {string} area
 */
async function measure(open, rate, area) {
  const api = await startApi(rate);
  const producer = open(clientFor(api), area, 'producer');
  await record(producer);
  await producer.close();
  const worker = open(clientFor(api), area, 'worker');
  let pauses = 0;
  worker.on('paused', () => {
    pauses += 1;
  });
  const enough = AbortSignal.timeout(rate < 1 ? 120_000 : CUT_OFF_AFTER);
  await worker.drained({ signal: enough }).catch(() => {});
  const { accepted, requests } = await api.end();
  await worker.close({ timeout: 0 });
  const [from = 0, to = 0] = [0.25, 0.75].map((part) => accepted[Math.floor(ENTRIES * part)]);
  return { perSecond: (ENTRIES / 2 / (to - from)) * 1000, pauses, requests };
}

/** @param {number[]} values */
const middle = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** @param {string} name @param {(client: any, area: string, role: string) => any} open */
async function report(name, open) {
  /** @type {Map<number, number[]>} */
  const found = new Map(RATES.map((rate) => [rate, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const rate of RATES) found.get(rate)?.push((await measure(open, rate, `r${round}_${rate * 100}`)).perSecond);
  }
  const healthy = middle(found.get(0) ?? []);
  const cells = RATES.map((rate) => {
    const perSecond = middle(found.get(rate) ?? []);
    return rate === 0
      ? String(Math.round(perSecond))
      : `${Math.round(perSecond)} (${(perSecond / healthy).toFixed(2)})`;
  });
  const { requests, pauses } = await measure(open, 1, 'dead');
  console.log(`| ${name} | ${cells.join(' | ')} | ${requests} for ${pauses} |`);
}

async function main() {
  const wanted = process.argv.slice(2);
  const isWanted = (/** @type {string} */ name) => wanted.length === 0 || wanted.includes(name);
  if (wanted.some((name) => name !== 'Outbox') || wanted.length === 0) ensureServers('redis-server', 'postgresql');
  const heads = RATES.map((rate) => `${rate * 100} %${rate === GOAL.rate ? `, goal ${GOAL.part}` : ''}`);
  console.log(`| deliveries/s, 500 to | ${heads.join(' | ')} | 100 %: requests for pauses |`);
  console.log(`| --- |${' ---: |'.repeat(RATES.length + 1)}`);
  if (isWanted('Outbox')) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-bench-'));
    await report('Outbox', (client, area, role) => {
      return new Outbox(role === 'producer' ? null : client, { path: path.join(folder, `${area}.db`) });
    });
    fs.rmSync(folder, { recursive: true, force: true });
  }
  for (const store of stores.filter(({ name }) => isWanted(name))) {
    const server = await store.start();
    await report(store.name, (client, area, role) =>
      store.open(client, { ...store.optionsFor(server.url, area), role }),
    );
    await server.stop();
  }
}

if (process.argv[2] === 'api') serve();
else main();
