'use strict';

// Real frameworks, each as a Node request listener. `answer` gets the objects that a handler of the framework may pass
// to `getClickIdFromRequest`, while the request lasts, and gives the body to respond with.

const express = require('express');
const cookieParser = require('cookie-parser');
const { fastify } = require('fastify');
const fastifyCookie = require('@fastify/cookie');
const Koa = require('koa');
const { Hono } = require('hono');
const h3v1 = require('h3-v1');
const { getCookieParser } = require('next/dist/server/api-utils/get-cookie-parser');

/** @typedef {import('node:http').IncomingMessage & { cookies: unknown }} Request */
/** @typedef {{ send: (body: string) => void }} Response */
/** @typedef {{ request: unknown, req: import('node:http').IncomingMessage, cookies: unknown, body: string }} Context */
/** @typedef {(requests: Record<string, unknown>) => string} Answer */
/** @typedef {import('node:http').RequestListener} Listener */

/** @type {Record<string, (answer: Answer) => Listener | Promise<Listener>>} */
const frameworks = {
  'node:http': (answer) => (req, res) => {
    res.end(answer({ req, 'headersDistinct as headers': { headers: req.headersDistinct } }));
  },

  express: (answer) =>
    express().use((/** @type {Request} */ req, /** @type {Response} */ res) => void res.send(answer({ req }))),

  'express and cookie-parser': (answer) => {
    const app = express();
    app.use(cookieParser('a secret'));
    return app.use(
      (/** @type {Request} */ req, /** @type {Response} */ res) =>
        void res.send(answer({ req, 'its cookies': { cookies: req.cookies } })),
    );
  },

  fastify: (answer) => fastifyListener(answer, fastify()),

  'fastify and @fastify/cookie': (answer) => fastifyListener(answer, fastify().register(fastifyCookie)),

  koa: (answer) => koaListener(answer, new Koa()),

  // With keys, it gives out signed cookies only, unless told otherwise.
  'koa with keys': (answer) => koaListener(answer, new Koa({ keys: ['a secret'] })),

  hono: async (answer) => {
    const { getRequestListener } = await import('@hono/node-server');
    const app = new Hono();
    app.use(async (c) => c.body(answer({ c, 'c.req': c.req, 'c.req.raw': c.req.raw })));
    return getRequestListener(app.fetch);
  },

  'h3 v1': (answer) => {
    const app = h3v1.createApp();
    app.use(
      h3v1.eventHandler((event) =>
        answer({ event, 'event.node.req': event.node.req, 'the node part': { node: { req: event.node.req } } }),
      ),
    );
    return h3v1.toNodeListener(app);
  },

  'h3 v2': async (answer) => {
    const { H3, toNodeHandler } = await import('h3/node');
    const app = new H3().use((event) => answer({ event, 'event.req': event.req }));
    return toNodeHandler(app);
  },

  // What Next.js does to a request before it calls a handler of the pages router.
  'next pages router': (answer) => (req, res) => {
    const request = Object.assign(req, { cookies: getCookieParser(req.headers)() });
    res.end(answer({ req: request, 'the context of getServerSideProps': { req: request, res, query: {} } }));
  },
};

/**
 * @param {Answer} answer
 * @param {import('fastify').FastifyInstance} app
 * @returns {Promise<Listener>}
 */
async function fastifyListener(answer, app) {
  app.get('/', (request, reply) => reply.send(answer({ request, 'request.raw': request.raw })));
  await app.ready();
  return app.routing;
}

/**
 * @param {Answer} answer
 * @param {any} app of Koa
 */
function koaListener(answer, app) {
  app.use((/** @type {Context} */ ctx) => {
    const { request, req, cookies } = ctx;
    ctx.body = answer({ ctx, 'ctx.request': request, 'ctx.req': req, 'ctx.cookies': cookies });
  });
  return app.callback();
}

module.exports = { frameworks };
