'use strict';

// What the checks of __test__/matrix/edge run against: a sandbox in this process, and a server that does to it what they ask.

const { once } = require('node:events');
const http = require('node:http');
const { text } = require('node:stream/consumers');
const { createSandbox } = require('refport/testing');

/** @import { Check } from './table.js' */

async function startTarget() {
  const sandbox = await createSandbox();
  /** @type {Record<string, (options: any) => unknown>} */
  const doing = {
    fail: (options) => void sandbox.fail(options),
    reply: (options) => void sandbox.reply(options),
    delay: (options) => void sandbox.delay(options),
    drop: (options) => void sandbox.drop(options),
    counts: () => ({ leads: sandbox.leads.length, sales: sandbox.sales.length }),
    lastLead: () => sandbox.leads.at(-1)?.params,
  };
  const server = http.createServer(async (request, response) => {
    const { what, options } = JSON.parse(await text(request));
    response.end(JSON.stringify(doing[what]?.(options) ?? null));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const { apiKey, url, clickId } = sandbox;
  return {
    target: { apiKey, url, clickId, control: `http://127.0.0.1:${port}` },
    async close() {
      server.close().closeAllConnections();
      await sandbox.close();
    },
  };
}

/**
 * Has the checks run by whoever answers `ask`.
 * @param {(body: string) => Promise<{ status: number, text(): Promise<string> }>} ask
 * @returns {Promise<Check[]>}
 */
async function askForChecks(ask) {
  const { target, close } = await startTarget();
  try {
    const response = await ask(JSON.stringify(target));
    const answer = await response.text();
    if (response.status !== 200) throw new Error(`HTTP ${response.status}: ${answer.slice(0, 2000)}`);
    return JSON.parse(answer);
  } finally {
    await close();
  }
}

module.exports = { askForChecks };
