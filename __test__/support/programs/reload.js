'use strict';

// Loads the package again and again, as test runners and dev servers do, with a call each time, and prints how many of the
// modules could be collected. Needs --expose-gc.

const { setImmediate } = require('node:timers/promises');
const path = require('node:path');

/** @type {{ url: string, times: number, during: 'idle' | 'in flight' }} */
const { url, times, during } = JSON.parse(process.argv[2]);
const root = path.resolve(__dirname, '../../..');

let collected = 0;
const registry = new FinalizationRegistry(() => {
  collected += 1;
});

async function use() {
  const { Refport } = require('refport');
  registry.register(Refport, undefined);
  const client = new Refport({ apiKey: 'key', baseUrl: url });
  const call = client.track.lead({ clickId: 'clk_1', eventName: 'Sign up', customerExternalId: 'cus_1' });
  if (during === 'idle') await call;
  forget();
  await call;
}

/** As a dev server does: the package's modules, and not the addon, which Node never loads twice. */
function forget() {
  for (const file of Object.keys(require.cache)) {
    if (file.startsWith(root) && !file.endsWith('.node')) delete require.cache[file];
  }
  /** @type {NodeJS.Module} */ (module).children.length = 0;
}

async function main() {
  for (let time = 0; time < times; time++) await use();
  const { gc } = /** @type {{ gc: () => void }} */ (/** @type {any} */ (globalThis));
  // What a finalizer lets go of is collected the next time.
  for (let round = 0; round < 10; round++) {
    gc();
    await setImmediate();
  }
  console.log(JSON.stringify({ collected }));
}

main();
