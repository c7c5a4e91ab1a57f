'use strict';

const { parseArgs } = require('node:util');
const { createSandbox } = require('./sandbox.js');

const HELP = `Usage: npx refport sandbox [options]

Runs a sandbox of the Refport API on this machine.

Options:
  --port <number>   port to listen on (default: 4455)
  --help            this text
`;

/**
 * @param {string[]} args
 * @param {NodeJS.WritableStream} out
 */
async function runSandbox(args, out) {
  const { values } = parseArgs({
    args,
    options: { port: { type: 'string', default: '4455' }, help: { type: 'boolean' } },
  });
  if (values.help) return void out.write(HELP);
  const sandbox = await createSandbox({ port: Number(values.port) });
  out.write(`Refport sandbox on ${sandbox.url}. Point the SDK at it with\n\n`);
  out.write(`  REFPORT_BASE_URL=${sandbox.url}\n  REFPORT_API_KEY=${sandbox.apiKey}\n\n`);
  out.write(`Known clicks: ${sandbox.clicks.map((click) => click.id).join(', ')}\n`);
}

exports.runSandbox = runSandbox;
