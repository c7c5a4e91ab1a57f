'use strict';

// Looks at the process's handles as `jest --detectOpenHandles` does: by async_hooks, and by what `hasRef()` of each says.

const { createHook } = require('node:async_hooks');

const active = new Map();
createHook({
  init: (id, type, _trigger, resource) => active.set(id, { type, resource }),
  destroy: (id) => active.delete(id),
}).enable();

const { callKinds } = require('../call-kinds.js');
const { clientFor } = require('../refport-client.js');

/** Types of handles that would be reported. */
const open = () =>
  [...active.values()].filter(({ type, resource }) => /refport/i.test(type) && resource.hasRef?.() !== false).length;

async function main() {
  const client = clientFor(JSON.parse(process.argv[2]));
  const calls = callKinds.map((kind) => kind.send(client));
  await null;
  const inFlight = open();
  await Promise.all(calls);
  console.log(JSON.stringify({ inFlight, idle: open() }));
}

main();
