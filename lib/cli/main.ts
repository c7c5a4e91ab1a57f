#!/usr/bin/env node
import { VERSION } from '../version.ts';
import { COMMANDS } from './commands.ts';

/** One line for each way to call it, the summaries aligned. */
function usage(): string {
  const lines = [
    ...Object.entries(COMMANDS).map(([name, { summary }]) => [`${name} [options]`, summary] as const),
    ['<command> --help', 'print the options of a command'] as const,
    ['--help', 'print this text'] as const,
    ['--version', 'print the version of the package'] as const,
  ];
  const width = Math.max(...lines.map(([call]) => call.length));
  const text = lines.map(([call, summary]) => `npx refport ${call.padEnd(width)}  ${summary}`);
  return `Usage: ${text.join('\n       ')}\n`;
}

async function main(name: string | undefined, args: string[]): Promise<void> {
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command) {
    const run = await command.load();
    await run(args, process);
  } else if (name === '--help') {
    process.stdout.write(usage());
  } else if (name === '--version') {
    process.stdout.write(`${VERSION}\n`);
  } else {
    process.stderr.write(name === undefined ? usage() : `There is no command "${name}". ${usage()}`);
    process.exitCode = 2;
  }
}

const [name, ...args] = process.argv.slice(2);
main(name, args);
