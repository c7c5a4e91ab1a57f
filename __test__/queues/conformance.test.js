'use strict';

const { after, before, describe } = require('node:test');
const { testConformance } = require('../support/outbox-conformance/index.js');
const { stores } = require('../support/stores/stores.js');

for (const { name, start, optionsFor, open } of stores) {
  describe(name, () => {
    /** @type {import('../support/stores/stores.js').StoreServer} */
    let server;
    let areas = 0;
    before(async () => {
      server = await start();
    });
    after(() => server.stop());
    testConformance({
      name,
      newArea: () => `area_${++areas}`,
      optionsFor: (area) => optionsFor(server.url, area),
      restart: () => server.restart('SIGKILL'),
      open: (refport, area, options) => open(refport, { ...optionsFor(server.url, area), ...options }),
    });
  });
}
