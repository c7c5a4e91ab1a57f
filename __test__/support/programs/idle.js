'use strict';

// Uses the client, keeps it, and has nothing more to do: an idle connection must not hold the process.

const { callKinds } = require('../call-kinds.js');
const { clientFor } = require('../refport-client.js');

/** @type {{ url: string, options?: object, what: string }} */
const { url, options = {}, what } = JSON.parse(process.argv[2]);

// Outlives the use that made it.
/** @type {import('refport').Refport} */
let kept;

/** @type {Record<string, () => void | Promise<void>>} */
const uses = {
  'require the package': () => {},
  'construct a client': () => {
    kept = clientFor({ url }, options);
  },
  'make one call': async () => {
    kept = clientFor({ url }, options);
    await callKinds[0].send(kept);
    console.log('settled');
  },
  'abort a call': async () => {
    const controller = new AbortController();
    kept = clientFor({ url }, options);
    const call = callKinds[0].send(kept, { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await call.catch(({ code }) => console.log(code));
  },
  'make calls one after the other': async () => {
    kept = clientFor({ url }, options);
    for (let index = 0; index < 20; index++) {
      await callKinds[0].send(kept);
      // Between two calls the client is idle and lets go of the process; what else is there to do does not.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    console.log('settled');
  },
  'close with calls in flight': async () => {
    kept = clientFor({ url }, options);
    const call = callKinds[0].send(kept);
    await kept.close({ timeout: 600_000 });
    await call;
    console.log('settled');
  },
  'handle refused input': async () => {
    kept = clientFor({ url }, options);
    await kept.track.lead(/** @type {any} */ ({})).catch(({ code }) => console.log(code));
  },
};

uses[what]();
