'use strict';

const { parseArgs } = require('node:util');
const { SandboxError } = require('../errors.js');
const { readUrl } = require('../options.js');
const { readFault: readFaultOptions } = require('../faults/options.js');

/**
 * @typedef {{ kind: 'fail' | 'drop' | 'delay' | 'reply', options: Record<string, unknown> }} FaultArgument
 *
 * @typedef {object} Arguments
 * @property {string | undefined} help the text to print instead of doing anything
 * @property {boolean} json
 * @property {import('../../types/testing.js').SandboxOptions} options
 * @property {FaultArgument[]} faults
 */

const DEFAULT_PORT = 4455;

const HELP = `Usage: npx refport sandbox [options]

Runs a sandbox of the Refport API on this machine, with a dashboard on the same port. It answers leads, sales and
embed tokens as the API does, shows every request, and fails when told to.

  --port <number>         port on 127.0.0.1 (default ${DEFAULT_PORT}; 0 takes a free one)
  --app <url>             where short links (/go/<partner>) lead (default http://localhost:3000/)
  --click <id[:partner]>  a click to know from the start; <id>:none has no link. May be repeated.
  --key <key>             API key to accept (default sandbox_key). May be repeated.
  --latency <ms>          time that every call takes, or a range such as 50-200
  --fail <on:what[:p]>    fault from the start: on is lead, sale, token or any; what is a status or "drop";
                          p is the chance of each call to be hit (default 1). May be repeated.
                          Example: --fail sale:429:0.2
  --commission <percent>  what a partner earns on a sale (default 20)
  --data <file>           keep everything in a file, over restarts and crashes
  --https, --http2        serve over TLS, with HTTP/2 if asked for; the authority to trust is printed
  --json                  print JSON lines instead of text
  --help                  show this

`;

const OPTIONS = Object.freeze(
  /** @type {const} */ ({
    port: { type: 'string' },
    app: { type: 'string' },
    click: { type: 'string', multiple: true },
    key: { type: 'string', multiple: true },
    latency: { type: 'string' },
    fail: { type: 'string', multiple: true },
    commission: { type: 'string' },
    data: { type: 'string' },
    https: { type: 'boolean' },
    http2: { type: 'boolean' },
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  }),
);

/**
 * @param {string[]} args
 * @returns {Arguments}
 * @throws {SandboxError} if an argument cannot be understood
 * @throws {TypeError} if there is no such option
 */
function readArguments(args) {
  const { values } = parseArgs({ args, options: OPTIONS, strict: true });
  return {
    help: values.help ? HELP : undefined,
    json: values.json ?? false,
    options: {
      port: values.port === undefined ? DEFAULT_PORT : readNumber('--port', values.port),
      appUrl: values.app === undefined ? undefined : readUrl('--app', values.app),
      clicks: values.click?.map(readClick),
      apiKeys: values.key,
      latency: values.latency === undefined ? undefined : readLatency(values.latency),
      commission:
        values.commission === undefined ? undefined : { percent: readNumber('--commission', values.commission) },
      data: values.data,
      https: values.https,
      http2: values.http2,
      maxRequests: 20_000,
    },
    faults: values.fail?.map(readFault) ?? [],
  };
}

/**
 * @param {string} name
 * @param {string} text
 */
function readNumber(name, text) {
  if (!/^\d+(?:\.\d+)?$/.test(text))
    throw new SandboxError('INVALID_OPTION', `${name} must be a number, got "${text}"`);
  return Number(text);
}

/** @param {string} text */
function readClick(text) {
  const [, id = '', partner] = /^(.*?)(?::([^:]*))?$/.exec(text) ?? [];
  return partner === 'none' ? { id, link: null } : { id, partner };
}

/**
 * @param {string} text
 * @returns {[number, number]}
 */
function readLatency(text) {
  const [lowest = '', highest = lowest] = text.split('-');
  return [readNumber('--latency', lowest), readNumber('--latency', highest)];
}

/**
 * @param {string} text
 * @returns {FaultArgument}
 */
function readFault(text) {
  const [on, what = '', chance = '1', ...rest] = text.split(':');
  if (rest.length > 0 || what === '') {
    throw new SandboxError('INVALID_OPTION', `--fail takes <on:what[:p]>, such as sale:429:0.2, got "${text}"`);
  }
  if (what !== 'drop' && !/^\d+$/.test(what)) {
    throw new SandboxError('INVALID_OPTION', `--fail takes a status or "drop", got "${what}" in "${text}"`);
  }
  const common = { on, probability: readNumber('--fail', chance) };
  /** @type {FaultArgument} */
  const fault =
    what === 'drop'
      ? { kind: 'drop', options: common }
      : { kind: 'fail', options: { ...common, status: readNumber('--fail', what) } };
  // Before anything is started, not when the fault is programmed.
  readFaultOptions(fault.kind, fault.options);
  return fault;
}

exports.readArguments = readArguments;
