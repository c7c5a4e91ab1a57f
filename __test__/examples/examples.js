'use strict';

const { visit: visitBetterAuth } = require('./better-auth.js');
const { checkBullmq } = require('./bullmq.js');
const { bundle, bundles } = require('./bundlers.js');
const { checkLanding } = require('./landing.js');
const { visit: visitNextjs } = require('./nextjs.js');
const { checkOpentelemetry } = require('./opentelemetry.js');
const { payments } = require('./payments.js');
const { checkPgBoss } = require('./pg-boss.js');
const { shop } = require('./shop.js');
const { tests } = require('./test-runners.js');
const { checkTypes } = require('./types.js');
const { builds, unconfigured } = require('./unconfigured.js');

/**
 * Every example and how it is checked.
 * @module
 */

/**
 * Runs an example and throws if it does not do what it should. What it resolves with is printed.
 * @typedef {(packages: import('./packages.js').Packages) => Promise<string>} Check
 */

// 143 is 128 and SIGTERM: Next.js closes in order, but says so in this way.
const nextjs = { visit: visitNextjs, exitCode: 143 };

/** @type {Record<string, Check>} */
const examples = {
  types: checkTypes,
  express: shop('express'),
  'express-linked': shop('express', { link: true }),
  fastify: shop('fastify'),
  hono: shop('hono'),
  koa: shop('koa'),
  h3: shop('h3'),
  nitro: shop('nitro', { build: 'build' }),
  'nextjs-turbopack': shop('nextjs', { build: 'build:turbopack', ...nextjs }),
  'nextjs-webpack': shop('nextjs', { build: 'build:webpack', ...nextjs }),
  landing: checkLanding,
  'better-auth': shop('better-auth', { visit: visitBetterAuth }),
  stripe: payments('stripe'),
  paddle: payments('paddle'),
  polar: payments('polar'),
  shopify: payments('shopify'),
  revenuecat: payments('revenuecat'),
  bullmq: checkBullmq,
  'pg-boss': checkPgBoss,
  opentelemetry: checkOpentelemetry,
  ...Object.fromEntries(Object.keys(bundles).map((bundler) => [`bundlers-${bundler}`, bundle(bundler)])),
  ...Object.fromEntries(
    Object.keys(builds).map((tool) => [`unconfigured-${tool.toLowerCase().replace(/\W+/g, '-')}`, unconfigured(tool)]),
  ),
  'testing-vitest': tests('testing-vitest', 7, ['--pool=forks', '--pool=threads', '--pool=vmThreads']),
  'testing-jest': tests('testing-jest', 8, ['--maxWorkers=3', '--runInBand']),
};

module.exports = { examples };
