'use strict';

// Uses the client, keeps it, and has nothing more to do: an idle connection must not hold the process.

const { callKinds } = require('../call-kinds.js');
const { clientFor } = require('../refport-client.js');

/** @type {{ url: string, options?: object, what: string }} */
const { url, options = {}, what } = JSON.parse(process.argv[2]);

const uses = {
  'require the package': () => {},
  'construct a client': () => {
    globalThis.kept = clientFor({ url }, options);
  },
  'make one call': async () => {
    globalThis.kept = clientFor({ url }, options);
    await callKinds[0].send(globalThis.kept);
    console.log('settled');
  },
  'abort a call': async () => {
    const controller = new AbortController();
    globalThis.kept = clientFor({ url }, options);
    const call = callKinds[0].send(globalThis.kept, { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await call.catch(({ code }) => console.log(code));
  },
  'make calls one after the other': async () => {
    globalThis.kept = clientFor({ url }, options);
    for (let index = 0; index < 20; index++) {
      await callKinds[0].send(globalThis.kept);
      // Between two calls the client is idle and lets go of the process; what else is there to do does not.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    console.log('settled');
  },
  'close with calls in flight': async () => {
    globalThis.kept = clientFor({ url }, options);
    const call = callKinds[0].send(globalThis.kept);
    await globalThis.kept.close({ timeout: 600_000 });
    await call;
    console.log('settled');
  },
  'handle refused input': async () => {
    globalThis.kept = clientFor({ url }, options);
    await globalThis.kept.track.lead({}).catch(({ code }) => console.log(code));
  },
};

uses[what]();
