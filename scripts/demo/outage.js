'use strict';

const { fork } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Refport } = require('refport');
const { Outbox } = require('refport/outbox');
const { printNote, printStep } = require('./print.js');

/**
 * A sale survives an outage of the API and the death of the process that recorded it.
 *
 * @param {import('refport/testing').Sandbox} sandbox
 */
async function surviveAnOutage(sandbox) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-demo-'));
  const file = path.join(folder, 'outbox.db');
  const config = { apiKey: sandbox.apiKey, baseUrl: sandbox.url };
  const sale = { clickId: sandbox.clickId, customerExternalId: 'user_1', amount: 9900, invoiceId: 'invoice_3' };
  try {
    printStep('The API is down: a sale is recorded in an outbox');
    sandbox.fail({ on: 'sale', status: 503, times: 1000 });
    const answered = sandbox.waitForRequest(({ body }) => body.includes(sale.invoiceId));
    const recorder = fork(__filename, [JSON.stringify({ config, file, sale })]);
    const [id] = await once(recorder, 'message');
    printNote(`recorded on disk as ${id}`);
    await answered;

    printStep('The process is killed');
    const died = once(recorder, 'exit');
    recorder.kill('SIGKILL');
    const [, signal] = await died;
    printNote(`ended by ${signal}`);

    printStep('The API is back, and so is the process: the sale is delivered, once');
    sandbox.clearFaults();
    const outbox = new Outbox(new Refport(config), { path: file });
    await outbox.drained();
    await outbox.close();
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** The process that is killed. @param {{ config: object, file: string, sale: import('refport').TrackSaleParams }} job */
async function record({ config, file, sale }) {
  const outbox = new Outbox(new Refport(config), { path: file });
  const { id } = await outbox.track.sale(sale);
  process.send?.(id);
  // An outbox alone keeps no process alive; this one waits for what is to come.
  process.on('message', () => {});
}

if (require.main === module) record(JSON.parse(process.argv[2] ?? '{}'));

exports.surviveAnOutage = surviveAnOutage;
