'use strict';

// `npx refport doctor`: what the API answers, fault by fault of the sandbox.

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { examine, startSandbox } = require('../support/doctor.js');
const { loadSource } = require('../support/source.js');

/** @type {typeof import('../../lib/cli/doctor/run.ts')} */
const { examine: examineHere } = loadSource('lib/cli/doctor/run.ts');

/** @param {Awaited<ReturnType<typeof examine>>} found */
const findings = ({ finding }) => [finding('API').detail, finding('API').ok, finding('key accepted').ok];

test('the key is accepted, or not', async (t) => {
  const { env } = await startSandbox(t);
  assert.deepEqual(findings(await examine(env)), ['status 422, VALIDATION_ERROR', true, true]);
  const refused = await examine({ ...env, REFPORT_API_KEY: 'rk_bad_key' });
  assert.deepEqual(findings(refused), ['status 401, UNAUTHORIZED', true, false]);
});

test('an API that fails', async (t) => {
  const { sandbox, env } = await startSandbox(t);
  sandbox.fail({ on: 'token', status: 503 });
  const { wrong, finding } = await examine(env);
  assert.deepEqual(wrong, ['API']);
  assert.deepEqual([finding('key accepted').ok, finding('key accepted').detail], [null, "can't be told"]);
});

test('an API that refuses for another reason says nothing of the key', async (t) => {
  const { sandbox, env } = await startSandbox(t);
  sandbox.fail({ on: 'token', status: 429 });
  const { wrong, finding } = await examine(env);
  assert.deepEqual([wrong, finding('API').ok, finding('key accepted').ok], [[], true, null]);
});

test('a connection that is dropped', async (t) => {
  const { sandbox, env } = await startSandbox(t);
  sandbox.drop({ on: 'token' });
  const found = await examine(env);
  assert.deepEqual(found.wrong, ['API']);
  assert.equal(found.finding('API').detail, 'ECONNRESET');
  assert.equal(found.finding('key accepted').ok, null);
});

test('an answer that does not come', async (t) => {
  const { sandbox, env } = await startSandbox(t);
  const before = { ...process.env };
  Object.assign(process.env, env);
  t.after(() => {
    for (const name of Object.keys(env)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });
  sandbox.delay({ on: 'token', ms: 60_000 });
  const findings = [];
  for await (const finding of examineHere(2_000)) findings.push(finding);
  assert.deepEqual(
    findings.slice(-2).map(({ name, ok, detail }) => [name, ok, detail]),
    [
      ['API', false, 'ETIMEDOUT'],
      ['key accepted', null, "can't be told"],
    ],
  );
});

test('an API that is slow', async (t) => {
  const { sandbox, env } = await startSandbox(t);
  sandbox.delay({ on: 'token', ms: 50 });
  assert.deepEqual((await examine(env)).wrong, []);
});

test('a redirect is named, with where it leads', async (t) => {
  const { sandbox, env } = await startSandbox(t);
  const location = `https://elsewhere.test/?key=${env.REFPORT_API_KEY}`;
  sandbox.reply({ on: 'token', status: 308, headers: { location } });
  const { wrong, finding } = await examine(env);
  assert.deepEqual(wrong, ['API']);
  assert.match(finding('API').detail, /a redirect to https:\/\/elsewhere\.test\/\?key=<key>$/);
});

test('something that is not the API, whatever its status', async (t) => {
  const { sandbox, env } = await startSandbox(t);
  for (const status of [200, 401, 404, 422]) {
    sandbox.reply({ on: 'token', status, body: '<h1>It works!</h1>' });
    const { wrong, finding } = await examine(env);
    assert.deepEqual([status, wrong, finding('key accepted').ok], [status, ['API'], null]);
    assert.match(String(finding('API').remedy), /check the base URL/);
  }
});
