'use strict';

// Makes many calls and keeps its event loop busy until the server has answered all of them, so that their results wait
// on the native side together. Prints what became of them, and how many came in one turn of the event loop at most.

const fs = require('node:fs');
const { setImmediate } = require('node:timers/promises');
const { lead } = require('../call-kinds.js');
const { clientFor } = require('../refport-client.js');

/** @type {{ url: string, calls: number }} */
const { url, calls } = JSON.parse(process.argv[2]);

async function main() {
  const client = clientFor({ url }, { timeout: 60_000, maxConnections: 64 });
  let turn = 0;
  /** Results by turn of the event loop. @type {Record<number, number>} */
  const perTurn = {};
  const lengths = Array.from({ length: calls }, async () => {
    const { length } = await client.track.lead(lead).then(
      (/** @type {any} */ { text }) => text,
      (error) => ({ length: String(error) }),
    );
    perTurn[turn] = (perTurn[turn] ?? 0) + 1;
    return length;
  });
  // The calls leave before it blocks.
  await setImmediate();
  // Ends when the server has answered everything: it closes this pipe.
  fs.readFileSync(0);
  let isWaiting = true;
  const turns = (async () => {
    for (; isWaiting; turn++) await setImmediate();
  })();
  const settled = await Promise.all(lengths);
  isWaiting = false;
  await turns;
  console.log(JSON.stringify({ lengths: settled, inOneTurn: Math.max(...Object.values(perTurn)) }));
}

main();
