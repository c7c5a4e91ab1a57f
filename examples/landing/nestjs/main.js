import 'reflect-metadata';
import { Controller, Get, Module, Req } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { getClickIdFromRequest } from 'refport';
import { keepClick } from './keep-click.js';

class Page {
  show(request) {
    return `The click is ${getClickIdFromRequest(request)}`;
  }
}

class App {}

// What decorators do in TypeScript.
Controller()(Page);
Get()(Page.prototype, 'show', Object.getOwnPropertyDescriptor(Page.prototype, 'show'));
Req()(Page.prototype, 'show', 0);
Module({ controllers: [Page] })(App);

const app = await NestFactory.create(App, { logger: ['error'] });
app.use(keepClick);
await app.listen(process.env.PORT ?? 3000, '127.0.0.1');
console.log(`Listening on ${await app.getUrl()}`);

process.once('SIGTERM', () => app.close());
