#!/usr/bin/env node
'use strict';

const { runSandbox } = require('../lib/sandbox/cli.js');

const [command, ...args] = process.argv.slice(2);
if (command === 'sandbox') {
  runSandbox(args, process.stdout);
} else {
  const asked = command === '--help' || command === undefined;
  process.stderr.write(`${asked ? '' : `There is no command "${command}". `}Usage: npx refport sandbox [--help]\n`);
  process.exitCode = asked ? 0 : 2;
}
