'use strict';

const { readArguments } = require('./arguments.js');
const { createReport } = require('./report.js');
const { SandboxError } = require('../errors.js');
const { createSandbox } = require('../sandbox.js');

/**
 * @typedef {import('../../types/testing.js').Sandbox} Sandbox
 * @typedef {import('./arguments.js').FaultArgument} FaultArgument
 */

/**
 * Faults that the dashboard offers as switches. They stay off until somebody turns them on.
 *
 * @type {FaultArgument[]}
 */
const OFFERED = [
  { kind: 'fail', options: { status: 429, retryAfter: 1 } },
  { kind: 'fail', options: { status: 500 } },
  { kind: 'fail', options: { status: 503, when: 'after' } },
  { kind: 'fail', options: { status: 401 } },
  { kind: 'drop', options: {} },
  { kind: 'drop', options: { when: 'after' } },
  { kind: 'drop', options: { when: 'during' } },
  { kind: 'delay', options: { ms: 3000 } },
  {
    kind: 'reply',
    options: { status: 502, body: '<h1>Bad gateway</h1>', headers: { 'content-type': 'text/html' } },
  },
];

/**
 * `npx refport sandbox`: runs until it is told to stop.
 *
 * @param {string[]} args
 * @param {NodeJS.Process} process
 */
async function runSandbox(args, process) {
  try {
    const { help, json, options, faults } = readArguments(args);
    if (help) return void process.stdout.write(help);
    const sandbox = await createSandbox(options);
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => sandbox.close());
    program(sandbox, faults);
    show(sandbox, faults, createReport(process.stdout, json));
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = 1;
  }
}

/**
 * @param {Sandbox} sandbox
 * @param {FaultArgument[]} faults
 * @param {import('./report.js').Report} report
 */
function show(sandbox, faults, report) {
  report.started(sandbox);
  sandbox.subscribe((event) => {
    if (event.type === 'reset') program(sandbox, faults);
    report.event(event);
  });
}

/**
 * @param {Sandbox} sandbox
 * @param {FaultArgument[]} faults
 */
function program(sandbox, faults) {
  for (const { kind, options } of faults) add(sandbox, kind, { times: Infinity, ...options });
  for (const { kind, options } of OFFERED) add(sandbox, kind, { times: Infinity, enabled: false, ...options });
}

/**
 * @param {Sandbox} sandbox
 * @param {FaultArgument['kind']} kind
 * @param {object} options
 */
function add(sandbox, kind, options) {
  sandbox[kind](/** @type {import('../../types/testing.js').DelayOptions} */ (options));
}

/** @param {unknown} error */
function explain(error) {
  const { code, message, port } = /** @type {NodeJS.ErrnoException & { port?: number }} */ (error);
  if (code === 'EADDRINUSE') {
    return `Port ${port} is taken. Choose another one with --port, or any free one with --port 0.`;
  }
  if (error instanceof SandboxError || code?.startsWith('ERR_PARSE_ARGS')) {
    return `${message}\nnpx refport sandbox --help shows what there is.`;
  }
  return message;
}

exports.runSandbox = runSandbox;
