'use strict';

const { shop } = require('./shop.js');

/**
 * Every example and how it is checked.
 * @module
 */

/**
 * Runs an example and throws if it does not do what it should. What it resolves with is printed.
 * @typedef {(packages: import('./packages.js').Packages) => Promise<string>} Check
 */

/** @type {Record<string, Check>} */
const examples = {
  express: shop('express'),
  'express-linked': shop('express', { link: true }),
  fastify: shop('fastify'),
  hono: shop('hono'),
  koa: shop('koa'),
  h3: shop('h3'),
  nitro: shop('nitro', { build: 'build' }),
};

module.exports = { examples };
