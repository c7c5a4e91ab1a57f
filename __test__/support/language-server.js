'use strict';

// What an editor shows: TypeScript's own language server, asked over its protocol.

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const tsc = path.resolve(__dirname, '../../node_modules/typescript/bin/tsc');

/** @param {object} message */
function framed(message) {
  const text = JSON.stringify({ jsonrpc: '2.0', ...message });
  return `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

/**
 * @param {string} folder of the project
 * @param {string} file in it, opened as in an editor
 */
async function openInEditor(folder, file) {
  const child = spawn(process.execPath, [tsc, '--lsp', '--stdio'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const closed = once(child, 'close');
  const text = fs.readFileSync(path.join(folder, file), 'utf8');
  const uri = pathToFileURL(path.join(folder, file)).href;
  /** @type {Map<number, (result: any) => void>} */
  const waiting = new Map();
  let received = Buffer.alloc(0);

  const send = (/** @type {object} */ message) => child.stdin.write(framed(message));
  const ask = (/** @type {string} */ method, /** @type {object} */ params) =>
    new Promise((resolve) => {
      const id = waiting.size + 1;
      waiting.set(id, resolve);
      send({ id, method, params });
    });

  child.stdout.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    for (;;) {
      const start = received.indexOf('\r\n\r\n') + 4;
      const length = Number(/Content-Length: (\d+)/i.exec(received.toString('latin1'))?.[1]);
      if (start < 4 || received.length < start + length) return;
      const { id, method, result } = JSON.parse(received.subarray(start, start + length).toString());
      received = received.subarray(start + length);
      // What the server asks of an editor has no answer here.
      if (method !== undefined && id !== undefined) send({ id, result: null });
      else waiting.get(id)?.(result);
    }
  });

  const documentationFormat = ['plaintext'];
  const capabilities = { textDocument: { signatureHelp: { signatureInformation: { documentationFormat } } } };
  await ask('initialize', { processId: null, rootUri: pathToFileURL(folder).href, capabilities });
  send({ method: 'initialized', params: {} });
  const textDocument = { uri, languageId: 'typescript', version: 1, text };
  send({ method: 'textDocument/didOpen', params: { textDocument } });

  /** @param {string} code @param {number} offset from its beginning */
  const position = (code, offset) => {
    const before = text.slice(0, text.indexOf(code) + offset).split('\n');
    return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  };

  return {
    /** What is shown for the name at the end of `code`. @param {string} code @returns {Promise<string>} */
    async hover(code) {
      const params = { textDocument: { uri }, position: position(code, code.length - 1) };
      const { contents } = await ask('textDocument/hover', params);
      return contents.value ?? contents;
    },
    /** What is shown of each parameter behind the bracket that ends `code`. @param {string} code */
    async parameters(code) {
      const params = { textDocument: { uri }, position: position(code, code.length) };
      const { signatures } = await ask('textDocument/signatureHelp', params);
      return signatures[0].parameters.map((/** @type {any} */ { label, documentation }) => [
        label,
        documentation?.value ?? documentation,
      ]);
    },
    async close() {
      child.kill();
      await closed;
    },
  };
}

module.exports = { openInEditor };
