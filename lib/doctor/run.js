'use strict';

const { baseUrl, binary, key, node, proxy } = require('./machine.js');
const { acceptance, connect, handshake, resolve } = require('./network.js');

/**
 * `npx refport doctor`: why reports do not arrive.
 * @module
 */

/**
 * @typedef {object} Finding
 * @property {string} name
 * @property {boolean | null} ok `null`: it can't be told
 * @property {string} detail
 * @property {string | undefined} [remedy] what to do
 */

const HELP = `Usage: npx refport doctor [--json]

Checks this machine, the settings in the environment (REFPORT_API_KEY, REFPORT_BASE_URL) and the way to the API. It sends
one request, which creates nothing. The key is never printed.

  --json  print one JSON object: { ok, findings: [{ name, ok, detail, remedy }] }
  --help  print this text

Exit code: 0 if nothing is wrong, 1 if something is, 2 if it was called wrongly.
`;

/** @returns {AsyncGenerator<Finding>} */
async function* examine() {
  yield binary();
  yield node();
  const held = key();
  yield held;
  const { finding, url } = baseUrl();
  yield finding;
  if (!url) return;
  const { finding: between, proxied } = proxy(url);
  yield between;
  if (proxied) {
    yield { name: 'network', ok: null, detail: "can't be told: what is behind a proxy is not checked" };
    return;
  }
  for (const step of url.protocol === 'https:' ? [resolve, connect, handshake] : [resolve, connect]) {
    const found = await step(url);
    yield found;
    // What comes after it can't work either.
    if (!found.ok) return;
  }
  if (held.ok) yield await acceptance(url, String(process.env.REFPORT_API_KEY));
}

/** @param {Finding} finding */
function line({ name, ok, detail, remedy }) {
  const mark = ok === null ? '?' : ok ? '✓' : '✗';
  return `${mark} ${name.padEnd(13)} ${detail}\n${remedy ? `  ${remedy}\n` : ''}`;
}

/**
 * @param {string[]} args
 * @param {NodeJS.Process} process
 */
async function runDoctor(args, process) {
  const unknown = args.find((arg) => !['--json', '--help'].includes(arg));
  if (unknown !== undefined) {
    process.stderr.write(`There is no option "${unknown}".\n${HELP}`);
    process.exitCode = 2;
    return;
  }
  if (args.includes('--help')) return void process.stdout.write(HELP);
  const json = args.includes('--json');
  const findings = [];
  for await (const finding of examine()) {
    findings.push(finding);
    if (!json) process.stdout.write(line(finding));
  }
  const ok = findings.every((finding) => finding.ok !== false);
  if (json) process.stdout.write(`${JSON.stringify({ ok, findings }, null, 2)}\n`);
  process.exitCode = ok ? 0 : 1;
}

module.exports = { runDoctor };
