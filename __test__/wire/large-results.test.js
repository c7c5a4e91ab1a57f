'use strict';

// Results that wait while JavaScript is busy are handed over in texts of bounded length, one a turn of the event loop: V8
// has a longest string, and whoever waits for the event loop waits for each text to be parsed.

const assert = require('node:assert/strict');
const { once } = require('node:events');
const http = require('node:http');
const { it } = require('node:test');
const { startNode } = require('../support/run-node.js');

/**
 * Makes calls that all get this answer before their process looks at any.
 *
 * @param {import('node:test').TestContext} t
 * @param {number} calls
 * @param {Buffer} answer
 */
async function answersWhileBusy(t, calls, answer) {
  let answered = 0;
  const server = http.createServer((request, response) => {
    request.resume();
    response.setHeader('Content-Type', 'application/json');
    response.end(answer, () => {
      answered += 1;
      if (answered === calls) child.stdin.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const { child, finished } = startNode('busy.js', { url: `http://127.0.0.1:${port}`, calls });
  const { hung, stdout, stderr } = await finished;
  assert.ok(!hung, `results were lost: ${stderr}`);
  return JSON.parse(stdout);
}

const answerWith = (/** @type {Buffer} */ text) =>
  Buffer.concat([Buffer.from('{"click":{},"link":{},"customer":{},"text":"'), text, Buffer.from('"}')]);

it('256 answers of 1 MiB that come while JavaScript is busy all arrive, one at a time', async (t) => {
  // Each byte becomes three on its way: U+FFFD stands for what is no UTF-8. Together they are too long for V8.
  const text = Buffer.alloc(1024 * 1024 - 100, 0xff);
  const { lengths, inOneTurn } = await answersWhileBusy(t, 256, answerWith(text));
  assert.deepEqual(lengths, Array(256).fill(text.length));
  assert.equal(inOneTurn, 1);
});

it('thousands of small answers come by hundreds', async (t) => {
  const { lengths, inOneTurn } = await answersWhileBusy(t, 3000, answerWith(Buffer.alloc(50, 'x')));
  assert.deepEqual(lengths, Array(3000).fill(50));
  assert.ok(inOneTurn <= 256, `${inOneTurn} in one turn`);
});
