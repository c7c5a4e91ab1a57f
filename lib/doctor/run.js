'use strict';

const { ask } = require('./api.js');
const { baseUrl, engine, key, node, proxy } = require('./machine.js');
const { connect, handshake, resolve, tunnel } = require('./network.js');

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

/** Milliseconds for each step. */
const PATIENCE = 10_000;

/**
 * @param {number} [patience]
 * @returns {AsyncGenerator<Finding>} ends early where nothing that comes after it can work
 */
async function* examine(patience = PATIENCE) {
  yield engine();
  yield node();
  const held = key();
  yield held;
  const { finding, url } = baseUrl();
  yield finding;
  if (!url) return;
  const between = proxy(url);
  yield between.finding;
  if (between.finding.ok) yield* reachApi(url, between.proxy, held.ok === true, patience);
}

/**
 * @param {URL} url
 * @param {URL | undefined} through the proxy
 * @param {boolean} hasKey
 * @param {number} patience
 * @returns {AsyncGenerator<Finding>}
 */
async function* reachApi(url, through, hasKey, patience) {
  const first = through ?? url;
  const name = await resolve(first);
  yield name;
  if (!name.ok) return;
  let { finding, socket } = await connect(first, patience);
  const secure = url.protocol === 'https:';
  try {
    yield finding;
    const steps = [
      ...(through?.protocol === 'https:' ? [() => handshake(socket, through, patience)] : []),
      ...(through && secure ? [() => tunnel(socket, url, through, patience)] : []),
      ...(secure ? [() => handshake(socket, url, patience)] : []),
    ];
    for (const step of steps) {
      if (!finding.ok) return;
      ({ finding, socket } = await step());
      yield finding;
    }
    // The key is shown to nobody whose certificate is not trusted.
    if (finding.ok && hasKey) {
      const forwards = secure ? undefined : through;
      yield* await ask(socket, url, forwards, String(process.env.REFPORT_API_KEY), patience);
    }
  } finally {
    socket.destroy();
  }
}

/**
 * A setting or an answer can have the key in it.
 *
 * @param {Finding} finding
 * @returns {Finding}
 */
function withoutKey({ name, ok, detail, remedy }) {
  const secret = process.env.REFPORT_API_KEY?.trim() || '\0';
  return { name, ok, detail: detail.replaceAll(secret, '<key>'), remedy: remedy?.replaceAll(secret, '<key>') };
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
  for await (const found of examine()) {
    const finding = withoutKey(found);
    findings.push(finding);
    if (!json) process.stdout.write(line(finding));
  }
  const wrong = findings.filter(({ ok }) => ok === false).length;
  const ok = wrong === 0;
  if (json) process.stdout.write(`${JSON.stringify({ ok, findings }, null, 2)}\n`);
  else process.stdout.write(ok ? '\nNothing is wrong.\n' : `\nWrong: ${wrong}. See the lines with ✗.\n`);
  process.exitCode = ok ? 0 : 1;
}

module.exports = { examine, runDoctor };
