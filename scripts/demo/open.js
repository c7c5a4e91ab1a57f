'use strict';

const { printCall } = require('./print.js');
const { start } = require('./start.js');

/** The shop and the sandbox, left running for a person with a browser. */
async function open() {
  const { sandbox, shopUrl, stop } = await start();
  const always = { times: Infinity, enabled: false };
  sandbox.fail({ ...always, on: 'sale', status: 429, retryAfter: 2 });
  sandbox.fail({ ...always, status: 500 });
  sandbox.drop({ ...always, on: 'sale', when: 'after' });
  sandbox.delay({ ...always, ms: 3000 });
  sandbox.subscribe((event) => {
    if (event.type === 'request' && event.request.outcome !== 'pending') printCall(event.request);
  });
  console.log(`A shop and a sandbox of Refport are running. Open side by side:

  1. the dashboard                ${sandbox.url}/
  2. the shop, by partner link    ${sandbox.url}/go/ada

Sign up, buy a lantern, refer a friend (${shopUrl}/referrals), and turn on a fault in the dashboard.
Ctrl+C ends it.
`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
}

exports.open = open;
