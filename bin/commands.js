'use strict';

/**
 * The subcommands of `npx refport`. Each is loaded only when it is called, takes the arguments after its name, prints
 * to `process.stdout` and `process.stderr`, and sets `process.exitCode`.
 *
 * @type {Record<string, { summary: string, load: () => (args: string[], process: NodeJS.Process) => unknown }>}
 */
const COMMANDS = {
  sandbox: {
    summary: 'run a sandbox of the Refport API on this machine',
    load: () => require('../sandbox/command/run.js').runSandbox,
  },
  doctor: {
    summary: 'find out why reports do not arrive',
    load: () => require('../lib/doctor/run.js').runDoctor,
  },
  outbox: {
    summary: 'see what waits in an outbox, and decide about what is parked',
    load: () => require('../lib/outbox/command/run.js').runOutbox,
  },
};

module.exports = { COMMANDS };
