'use strict';

// An outbox in a folder of its own, in front of an API that answers what the test says.

const events = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Outbox } = require('refport/outbox');
const { all, lead, ok, refused, sale, startApi, startWaitingApi } = require('./outbox-conformance/setting.js');
const { clientFor } = require('./refport-client.js');

/** @param {import('node:test').TestContext} t */
function temporaryFolder(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-outbox-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * @param {import('node:test').TestContext} t
 * @param {{ url: string }} api
 * @param {Record<string, any>} [options] of the outbox, its `file`, and `client` for options of the client
 */
function openOutbox(t, api, { file = path.join(temporaryFolder(t), 'outbox.db'), client = {}, ...options } = {}) {
  const outbox = new Outbox(clientFor(api, client), { path: file, ...options });
  t.after(() => outbox.close({ timeout: 0 }));
  return Object.assign(outbox, { file });
}

/**
 * The arguments of the next `count` events of a kind.
 *
 * @param {import('refport/outbox').Outbox} outbox
 * @param {keyof import('refport/outbox').OutboxEvents} event
 * @param {number} count
 */
function next(outbox, event, count) {
  /** @type {any[][]} */
  const seen = [];
  return new Promise((resolve) => {
    const listener = (/** @type {any[]} */ ...args) => {
      seen.push(args);
      if (seen.length < count) return;
      outbox.off(event, listener);
      resolve(seen);
    };
    outbox.on(event, listener);
  });
}

/**
 * The arguments of the next event of a kind.
 *
 * @param {any} outbox
 * @param {string} event
 * @returns {Promise<any[]>}
 */
const once = (outbox, event) => events.once(outbox, event);

module.exports = {
  all,
  lead,
  next,
  ok,
  once,
  openOutbox,
  refused,
  sale,
  startApi,
  startWaitingApi,
  temporaryFolder,
};
