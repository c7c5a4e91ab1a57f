'use strict';

const assert = require('node:assert/strict');
const { install } = require('./packages.js');
const { run, serve } = require('./processes.js');

/**
 * The recipes of docs/landing.md for frameworks that are too large for the everyday tests, each in a small app.
 * @module
 */

/** The apps, with the script that builds one, if it is built. @type {Record<string, string | undefined>} */
const APPS = {
  nestjs: undefined,
  'react-router': undefined,
  astro: 'build:astro',
  sveltekit: 'build:sveltekit',
};

const KEPT = 'refp_id=click%2F1; Max-Age=7776000; Path=/; SameSite=Lax; HttpOnly';

/**
 * @param {string} url
 * @param {Record<string, string>} [headers]
 * @returns {Promise<{ cookies: string[], page: string }>}
 */
async function visit(url, headers) {
  const response = await fetch(url, { headers: { connection: 'close', ...headers } });
  assert.equal(response.status, 200);
  return { cookies: response.headers.getSetCookie(), page: await response.text() };
}

/** @param {string} url */
async function land(url) {
  assert.deepEqual((await visit(`${url}/`)).cookies, []);
  const landing = await visit(`${url}/?refp_id=click%2F1`);
  // On loopback it is not Secure.
  assert.deepEqual(landing.cookies, [KEPT]);
  const later = await visit(`${url}/`, { cookie: KEPT.split(';', 1)[0] ?? '' });
  assert.match(later.page, /The click is click\/1/);
  assert.deepEqual(later.cookies, []);
}

/** @type {import('./examples.js').Check} */
async function checkLanding(packages) {
  const copy = await install('landing', packages);
  for (const [name, build] of Object.entries(APPS)) {
    if (build) await run('npm', ['run', build], copy);
    // Ended with the others: how an app ends is not what is tested here.
    const server = await serve(copy, {}, { script: `start:${name}` });
    await server.explain(land(server.url));
  }
  return `the cookie of ${Object.keys(APPS).join(', ')}`;
}

module.exports = { checkLanding };
