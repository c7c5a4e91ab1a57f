#!/usr/bin/env node
'use strict';

const { COMMANDS } = require('./commands.js');

/** @returns {string} one line for each way to call it, the summaries aligned */
function usage() {
  const lines = [
    ...Object.entries(COMMANDS).map(([name, { summary }]) => [`${name} [options]`, summary]),
    ['<command> --help', 'print the options of a command'],
    ['--help', 'print this text'],
    ['--version', 'print the version of the package'],
  ];
  const width = Math.max(...lines.map(([call = '']) => call.length));
  const text = lines.map(([call = '', summary]) => `npx refport ${call.padEnd(width)}  ${summary}`);
  return `Usage: ${text.join('\n       ')}\n`;
}

const [name, ...args] = process.argv.slice(2);
const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (command) {
  command.load()(args, process);
} else if (name === '--help') {
  process.stdout.write(usage());
} else if (name === '--version') {
  process.stdout.write(`${require('../package.json').version}\n`);
} else {
  process.stderr.write(name === undefined ? usage() : `There is no command "${name}". ${usage()}`);
  process.exitCode = 2;
}
