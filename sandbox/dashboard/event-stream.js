'use strict';

const { randomBytes } = require('node:crypto');
const views = require('../records/serialize.js');

/**
 * @typedef {import('../core.js').Core} Core
 * @typedef {import('../http/listener.js').Res} Res
 */

const REMEMBERED = 2000;
const BACKLOG = 4 * 1024 * 1024;
const HEARTBEAT = 15_000;
const SHOWN = 5000;

/** Serves the dashboard's pages: the state first, then server-sent events. */
class Feed {
  /** Tells events of this process from those that a page saw of an earlier one on the same port. */
  #name = randomBytes(6).toString('hex');
  #last = 0;
  /** @type {string[]} */
  #latest = [];
  /** @type {Set<Res>} */
  #readers = new Set();
  #core;
  #heartbeat;

  /** @param {Core} core */
  constructor(core) {
    this.#core = core;
    core.events.subscribe((event) => this.#publish(event));
    this.#heartbeat = setInterval(() => this.#send(': still here\n\n'), HEARTBEAT).unref();
  }

  close() {
    clearInterval(this.#heartbeat);
  }

  state() {
    const { state, recorder, faults, url, settings } = this.#core;
    return {
      lastEventId: `${this.#name}.${this.#last}`,
      sandbox: { url, appUrl: settings.appUrl, apiKey: settings.apiKeys[0], data: settings.data ?? null },
      clicks: state.clicks.map(views.viewClick),
      leads: state.leads.map(views.viewLead),
      sales: state.sales.map(views.viewSale),
      tokens: state.tokens.map(views.viewToken),
      requests: recorder.requests.slice(-SHOWN).map(views.viewRequest),
      faults: faults.list.map(views.viewFault),
    };
  }

  /**
   * Sends what came after an event, and what is yet to come, until the reader leaves.
   *
   * @param {Res} res
   * @param {string} after id of the last event that the reader knows
   */
  read(res, after) {
    res.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    const [name, number] = after.split('.');
    const missed = name === this.#name ? this.#last - Number(number) : Infinity;
    if (missed >= 0 && missed <= this.#latest.length) {
      res.write(`retry: 500\n\n${this.#latest.slice(this.#latest.length - missed).join('')}`);
    } else {
      res.write('retry: 500\n\nevent: resync\ndata: {}\n\n');
    }
    this.#readers.add(res);
    res.on('close', () => this.#readers.delete(res));
  }

  /** @param {import('../../types/testing.js').SandboxEvent} event */
  #publish(event) {
    this.#last += 1;
    const data = JSON.stringify(view(event));
    const text = `id: ${this.#name}.${this.#last}\nevent: ${event.type}\ndata: ${data}\n\n`;
    this.#latest.push(text);
    if (this.#latest.length >= REMEMBERED * 1.25) this.#latest.splice(0, this.#latest.length - REMEMBERED);
    this.#send(text);
  }

  /** @param {string} text */
  #send(text) {
    for (const res of this.#readers) {
      // A page that cannot keep up connects anew and starts over from the state.
      if (res.writableLength > BACKLOG) res.destroy();
      else res.write(text);
    }
  }
}

/** @param {import('../../types/testing.js').SandboxEvent} event */
function view(event) {
  switch (event.type) {
    case 'request':
      return views.viewRequest(event.request);
    case 'click':
      return views.viewClick(event.click);
    case 'lead':
      return views.viewLead(event.lead);
    case 'sale':
      return views.viewSale(event.sale);
    case 'token':
      return views.viewToken(event.token);
    case 'faults':
      return event.faults.map(views.viewFault);
    default:
      return {};
  }
}

exports.Feed = Feed;
