#!/usr/bin/env node
'use strict';

const USAGE = `Usage: npx refport sandbox [--help]

Commands:
  sandbox   run a sandbox of the Refport API on this machine
`;

const [command, ...args] = process.argv.slice(2);
if (command === 'sandbox') {
  require('../sandbox/command/run.js').runSandbox(args, process);
} else if (command === '--help') {
  process.stdout.write(USAGE);
} else {
  process.stderr.write(command === undefined ? USAGE : `There is no command "${command}". ${USAGE}`);
  process.exitCode = 2;
}
