'use strict';

// Does to a client and its errors what applications do, and leaves the last rejection to Node.

const { Refport } = require('refport');

/** @type {{ url: string, apiKey: string }} */
const { url, apiKey } = JSON.parse(process.argv[2]);

async function main() {
  const refport = new Refport({ apiKey, baseUrl: url });
  console.log(refport);
  console.dir(refport, { depth: null, showHidden: true });
  console.log(JSON.stringify(refport));
  await refport.track.sale({ clickId: 'c', customerExternalId: 'u', amount: 1 });
  // @ts-expect-error There are no parameters.
  await refport.track.lead({}).catch(console.error);
  // @ts-expect-error A click ID is text.
  process.emitWarning(await refport.track.lead({ clickId: 1n }).catch((error) => error));
  await refport.embedTokens.create({ tenantId: 't' }, { headers: { 'X-Fail': 'yes' } });
}

main();
