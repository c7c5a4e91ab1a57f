'use strict';

// Makes every call while the timers are replaced, or all that fake timers can replace, before or after the package was
// loaded, and prints what came of it.

const fs = require('node:fs');
const { callKinds } = require('../call-kinds.js');

/** @type {{ url: string, fakedFirst: boolean, onlyTimers: boolean }} */
const { url, fakedFirst, onlyTimers } = JSON.parse(process.argv[2]);

function fake() {
  const never = () => ({ unref() {}, ref() {}, hasRef: () => false });
  Object.assign(globalThis, {
    setTimeout: never,
    setInterval: never,
    setImmediate: never,
    Date: class extends Date {
      constructor(/** @type {unknown[]} */ ...given) {
        super(.../** @type {[number]} */ (given.length > 0 ? given : [0]));
      }
      static now() {
        return 0;
      }
    },
  });
  performance.now = () => 0;
  if (onlyTimers) return;
  Object.assign(process, { nextTick: never, hrtime: Object.assign(() => [0, 0], { bigint: () => 0n }) });
  Object.assign(globalThis, { queueMicrotask: never });
}

async function main() {
  if (fakedFirst) fake();
  const { clientFor } = require('../refport-client.js');
  if (!fakedFirst) fake();
  const client = clientFor({ url });
  const { signal } = new AbortController();
  const values = await Promise.all(callKinds.map((kind) => kind.send(client, { signal })));
  // Not console.log, which may need what is fake.
  fs.writeSync(1, JSON.stringify(values));
  process.kill(process.pid, 'SIGKILL');
}

main();
