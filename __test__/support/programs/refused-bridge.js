'use strict';

// Makes calls in a process in which the way to the addon cannot be opened, and prints how they fail and which of the addon's
// asynchronous resources were made and destroyed.

const { createHook } = require('node:async_hooks');
const { setImmediate } = require('node:timers/promises');
const { Refport } = require('refport');

const { url } = JSON.parse(process.argv[2] ?? '{}');
const resources = { made: 0, destroyed: 0 };
const ids = new Set();
createHook({
  init(id, type) {
    if (type !== 'refport') return;
    ids.add(id);
    resources.made++;
  },
  destroy(id) {
    if (ids.delete(id)) resources.destroyed++;
  },
}).enable();

(async () => {
  const refport = new Refport({ apiKey: 'k', baseUrl: url });
  /** @type {unknown[]} */
  const codes = [];
  for (let call = 0; call < 3; call++) {
    await refport.embedTokens.create({ tenantId: 't' }).catch((error) => codes.push(error.code));
  }
  for (let turn = 0; turn < 10; turn++) await setImmediate();
  console.log(JSON.stringify({ codes, ...resources }));
})();
