'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const http = require('node:http');
const net = require('node:net');
const os = require('node:os');
const { test } = require('node:test');
const { startSandbox, LEAD } = require('../support/sandbox.js');

/**
 * fetch does not let the Host header be chosen.
 *
 * @param {string} url
 * @param {Record<string, string>} headers
 */
async function post(url, headers) {
  const req = http.request(`${url}/api/track/lead`, {
    method: 'POST',
    headers: { authorization: 'Bearer sandbox_key', 'content-type': 'application/json', ...headers },
  });
  req.end(JSON.stringify(LEAD));
  const [res] = await once(req, 'response');
  let text = '';
  for await (const chunk of res) text += chunk;
  return { status: res.statusCode, body: JSON.parse(text) };
}

test('other host names are refused, so that a page cannot rebind its own to this machine', async (t) => {
  const { sandbox } = await startSandbox(t);
  const { port } = new URL(sandbox.url);
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
  ]) {
    const { status, body } = await post(sandbox.url, { host });
    assert.equal(status, 403, host);
    assert.equal(body.error.code, 'FORBIDDEN');
  }
  assert.equal(sandbox.leads.length, 0);
  for (const host of ['localhost', `LOCALHOST:${port}`, '127.0.0.1', '[::1]:80']) {
    assert.equal((await post(sandbox.url, { host })).status, 200, host);
  }
});

test('allowedHosts adds a name', async (t) => {
  const { sandbox } = await startSandbox(t, { allowedHosts: ['API.test'] });
  assert.equal((await post(sandbox.url, { host: 'api.test:1' })).status, 200);
  assert.equal((await post(sandbox.url, { host: 'other.test' })).status, 403);
});

test('pages of other origins are refused', async (t) => {
  const { sandbox } = await startSandbox(t);
  for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1', 'http://localhost:1', '']) {
    assert.equal((await post(sandbox.url, { origin })).status, 403, origin);
  }
  assert.equal(sandbox.leads.length, 0);
  assert.equal((await post(sandbox.url, { origin: sandbox.url })).status, 200);
});

test('what is refused meets no faults', async (t) => {
  const { sandbox } = await startSandbox(t);
  const fault = sandbox.drop();
  assert.equal((await post(sandbox.url, { host: 'evil.example' })).status, 403);
  assert.equal(fault.hits, 0);
});

test('it listens on loopback only', async (t) => {
  const { sandbox } = await startSandbox(t);
  const outside = Object.values(os.networkInterfaces())
    .flat()
    .find((face) => face && !face.internal && face.family === 'IPv4');
  if (!outside) return t.skip('this machine has no other address');
  const socket = net.connect(Number(new URL(sandbox.url).port), outside.address);
  const [error] = await once(socket, 'error');
  assert.equal(error.code, 'ECONNREFUSED');
});

test('a body beyond 1 MiB is refused, and one up to it is not', async (t) => {
  const { sandbox, lead } = await startSandbox(t);
  const room = 1024 * 1024 - JSON.stringify({ ...LEAD, metadata: { a: '' } }).length;
  assert.equal((await lead({ metadata: { a: 'x'.repeat(room) } })).status, 200);
  const { status, body } = await lead({ metadata: { a: 'x'.repeat(room + 1) } });
  assert.equal(status, 413);
  assert.equal(body.error.code, 'PAYLOAD_TOO_LARGE');
  assert.equal(sandbox.requests[1].body, '');
  assert.equal(sandbox.leads.length, 1);
});

test('a body without end is cut off', async (t) => {
  const { sandbox } = await startSandbox(t);
  const req = http.request(`${sandbox.url}/api/track/lead`, { method: 'POST' });
  const chunk = Buffer.alloc(64 * 1024);
  let sent = 0;
  const ended = new Promise((resolve) => req.on('close', resolve));
  req.on('error', () => {});
  const pump = () => {
    while (!req.destroyed && sent < 256 * 1024 * 1024) {
      sent += chunk.length;
      if (!req.write(chunk)) return void req.once('drain', pump);
    }
  };
  pump();
  await ended;
  assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes were taken`);
});

test('whole URLs as proxies send them work, and targets that are none do no harm', async (t) => {
  const { sandbox } = await startSandbox(t);
  const { port } = new URL(sandbox.url);
  const ask = async (/** @type {string} */ target) => {
    const socket = net.connect(Number(port), '127.0.0.1');
    const body = JSON.stringify(LEAD);
    socket.end(
      `POST ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer sandbox_key\r\nconnection: close\r\n` +
        `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    let text = '';
    for await (const part of socket) text += part;
    return Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
  };
  assert.equal(await ask('http://127.0.0.1/api/track/lead'), 200);
  assert.equal(await ask('*'), 404);
  assert.equal(await ask('http://[/api/track/lead'), 404);
});
