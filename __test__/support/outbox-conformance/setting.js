'use strict';

// An outbox under test in front of an API that answers what the test says.

const { answerTo } = require('../call-kinds.js');
const { startRecordingServer } = require('../recording-server.js');
const { clientFor } = require('../refport-client.js');

/**
 * @typedef {object} Harness what the suite knows of a store
 * @property {string} name
 * @property {() => string} newArea a place in the store that nobody has used
 * @property {(refport: any, area: string, options?: object) => any} open an outbox over what is in an area
 * @property {(area: string) => object} optionsFor where such an outbox keeps its entries, for a process of its own
 * @property {() => Promise<void>} [restart] of the store's server, which is killed
 */

const lead = (customerExternalId = 'user_1', more = {}) => ({
  clickId: 'click_1',
  eventName: 'Sign up',
  customerExternalId,
  ...more,
});

const sale = (customerExternalId = 'user_1', more = {}) => ({
  clickId: 'click_1',
  customerExternalId,
  amount: 4900,
  ...more,
});

/** @param {{ path: string }} request */
const ok = ({ path }) => ({ body: answerTo(path) });

/** @type {(status: number, code?: string, headers?: Record<string, string>) => import('../recording-server.js').Answer} */
const refused = (status, code = 'CODE', headers = {}) => ({
  status,
  headers,
  body: JSON.stringify({ error: { code, message: `answered ${status}` } }),
});

/**
 * @param {import('node:test').TestContext} t
 * @param {(request: import('../recording-server.js').RecordedRequest, json: any) => any} [answer] can be changed
 */
async function startApi(t, answer = ok) {
  /** Those of conversions. @type {import('../recording-server.js').RecordedRequest[]} */
  const requests = [];
  /** Those of the circuit breaker, which create nothing. @type {import('../recording-server.js').RecordedRequest[]} */
  const probes = [];
  const bodies = () => requests.map(({ body }) => JSON.parse(body.toString()));
  const api = { answer, bodies, probes, requests, url: '' };
  const server = await startRecordingServer((request) => {
    (request.path.startsWith('/api/track/') ? requests : probes).push(request);
    return api.answer(request, JSON.parse(request.body.toString()));
  });
  t.after(() => server.close());
  return Object.assign(api, { url: server.url });
}

/**
 * An API that keeps requests waiting until `release` is called. `arrived` resolves when `wanted` are there.
 * @param {import('node:test').TestContext} t
 */
async function startWaitingApi(t, wanted = 1) {
  let release = () => {};
  const released = new Promise((resolve) => {
    release = () => resolve(undefined);
  });
  let onArrival = () => {};
  const arrived = new Promise((resolve) => {
    onArrival = () => resolve(undefined);
  });
  const api = await startApi(t, async (request) => {
    if (api.requests.length === wanted) onArrival();
    await released;
    return ok(request);
  });
  return { api, arrived, release };
}

/**
 * @param {import('node:test').TestContext} t
 * @param {Pick<Harness, 'newArea' | 'open'>} harness
 * @param {{ url: string }} api
 * @param {{ area?: string, client?: any, [option: string]: unknown }} [options] of the outbox
 */
function openOutbox(t, harness, api, { area = harness.newArea(), client = clientFor(api), ...options } = {}) {
  const outbox = harness.open(client, area, options);
  t.after(() => outbox.close({ timeout: 0 }));
  return Object.assign(outbox, { area });
}

/**
 * @template T
 * @param {AsyncIterable<T>} iterable
 * @returns {Promise<T[]>}
 */
async function all(iterable) {
  const found = [];
  for await (const one of iterable) found.push(one);
  return found;
}

module.exports = { all, lead, ok, openOutbox, refused, sale, startApi, startWaitingApi };
