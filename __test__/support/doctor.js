'use strict';

// Runs `npx refport doctor` as it is run, in an environment that has nothing of this process's settings.

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { createSandbox } = require('refport/testing');

/**
 * @typedef {import('../../lib/cli/doctor/finding.ts').Finding} Finding
 * @typedef {Record<string, string>} Env
 */

const program = path.resolve(__dirname, '../../dist/cli.cjs');
const SETTINGS = /^(https?_proxy|no_proxy|all_proxy|node_.*|refport_.*)$/i;
const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !SETTINGS.test(name)));

/**
 * @param {Env} env
 * @param {...string} args
 */
async function doctor(env, ...args) {
  const child = spawn(process.execPath, [program, 'doctor', ...args], { env: { ...clean, ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk) => (stderr += chunk));
  const [code] = await once(child, 'close');
  const key = env.REFPORT_API_KEY?.trim();
  if (key) assert.ok(!(stdout + stderr).includes(key), `the key was printed: ${stdout}${stderr}`);
  return { code, stdout, stderr };
}

/**
 * What it finds. Whatever is wrong comes with what to do, and is in the exit code.
 *
 * @param {Env} env
 */
async function examine(env) {
  const { code, stdout, stderr } = await doctor(env, '--json');
  /** @type {{ ok: boolean, findings: Finding[] }} */
  const { ok, findings } = JSON.parse(stdout);
  const wrong = findings.filter((finding) => finding.ok === false);
  assert.equal(ok, wrong.length === 0);
  assert.equal(code, ok ? 0 : 1, stderr);
  for (const { name, remedy } of wrong) assert.ok(remedy, `what to do about ${name}`);
  return {
    /** Names of what is wrong. */
    wrong: wrong.map(({ name }) => name),
    names: findings.map(({ name }) => name),
    /** @param {string} name */
    finding(name) {
      const found = findings.find((finding) => finding.name === name);
      assert.ok(found, `${name} in ${stdout}`);
      return found;
    },
  };
}

const KEY = 'rk_good_key';

/**
 * A sandbox, and the environment that leads to it.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('refport/testing').SandboxOptions} [options]
 */
async function startSandbox(t, options) {
  const sandbox = await createSandbox({ apiKeys: [KEY], ...options });
  t.after(() => sandbox.close());
  return { sandbox, env: { REFPORT_API_KEY: KEY, REFPORT_BASE_URL: sandbox.url } };
}

module.exports = { doctor, examine, startSandbox };
