'use strict';

// Workers that make calls and are ended, or end, in the middle of them. Prints what is left afterwards.

const fs = require('node:fs');
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');

/**
 * @typedef {object} Plan
 * @property {string[]} urls
 * @property {object} options
 * @property {number} rounds
 * @property {number} workers at a time
 * @property {number} calls in each worker
 * @property {'terminate' | 'exit' | 'throw' | 'finish'} ending
 * @property {boolean} inMainToo whether the main thread loads the addon as well
 */

/** Names of this process's threads. */
const threads = () =>
  fs.readdirSync('/proc/self/task').map((id) => fs.readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim());

function work() {
  const { callKinds } = require('../call-kinds.js');
  const { clientFor } = require('../refport-client.js');
  /** @type {Plan} */
  const { urls, options, calls, ending } = workerData;
  const clients = urls.map((url) => clientFor({ url }, options));
  const all = Array.from({ length: calls }, (_, index) =>
    callKinds[index % callKinds.length].send(clients[index % clients.length]),
  );
  parentPort?.postMessage('started');
  const settled = Promise.allSettled(all);
  if (ending === 'exit') setTimeout(() => process.exit(3), 10);
  if (ending === 'throw') {
    setTimeout(() => {
      throw new Error('thrown on purpose');
    }, 10);
  }
  if (ending === 'finish') {
    settled.then((results) => parentPort?.postMessage(results.filter(({ status }) => status === 'fulfilled').length));
  }
}

/** @param {Plan} plan */
async function runOne(plan) {
  const worker = new Worker(__filename, { workerData: plan });
  worker.on('error', () => {});
  // Listened for from the start, as what a worker says and its end may come in one go.
  const exited = new Promise((resolve) => worker.once('exit', resolve));
  /** @type {any[]} */
  const messages = [];
  let heard = () => {};
  worker.on('message', (message) => {
    messages.push(message);
    heard();
  });
  /** @param {number} index */
  const message = async (index) => {
    while (messages.length <= index) await new Promise((resolve) => (heard = () => resolve(undefined)));
    return messages[index];
  };
  await message(0);
  if (plan.ending === 'terminate') {
    await worker.terminate();
    return 0;
  }
  const fulfilled = plan.ending === 'finish' ? await message(1) : 0;
  await exited;
  return fulfilled;
}

/** @param {Plan} plan */
async function oneCall({ urls, options }) {
  const { callKinds } = require('../call-kinds.js');
  const { clientFor } = require('../refport-client.js');
  await callKinds[0].send(clientFor({ url: urls[0] }, options));
}

async function main() {
  /** @type {Plan} */
  const plan = JSON.parse(process.argv[2]);
  if (plan.inMainToo) await oneCall(plan);
  let fulfilled = 0;
  for (let round = 0; round < plan.rounds; round++) {
    const counts = await Promise.all(Array.from({ length: plan.workers }, () => runOne(plan)));
    fulfilled += counts.reduce((sum, count) => sum + count, 0);
  }
  // Nobody may have the addon loaded now, while the I/O thread goes on with what the workers have left.
  if (plan.inMainToo || plan.ending !== 'finish') await oneCall(plan);
  const ioThreads = process.platform === 'linux' ? threads().filter((name) => name.startsWith('refport-io')).length : 1;
  console.log(JSON.stringify({ fulfilled, ioThreads }));
}

if (isMainThread) main();
else work();
