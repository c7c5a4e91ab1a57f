'use strict';

// Makes calls and prints, one JSON text a line, what became of each. Ends by itself, or not at all.

const { callKinds } = require('../call-kinds.js');
const { clientFor } = require('../refport-client.js');

/** @type {{ url: string, options?: object, calls?: number }} */
const { url, options = {}, calls = 1 } = JSON.parse(process.argv[2]);

async function main() {
  for (let index = 0; index < calls; index++) {
    const client = clientFor({ url }, options);
    const line = await callKinds[index % callKinds.length].send(client).then(
      (value) => ({ value }),
      ({ name, code, status, message, attempts, cause }) => ({
        error: { name, code, status, message, attempts, cause: cause?.code },
      }),
    );
    console.log(JSON.stringify(line));
  }
}

main();
