/** Prints to `process.stdout` and `process.stderr` and sets `process.exitCode`. */
type Command = (args: string[], process: NodeJS.Process) => unknown;

/** The subcommands of `npx refport`. Each is loaded when it is called, and takes the arguments after its name. */
export const COMMANDS: Record<string, { summary: string; load: () => Promise<Command> }> = {
  sandbox: {
    summary: 'run a sandbox of the Refport API on this machine',
    load: async () => (await import('./sandbox/run.ts')).runSandbox,
  },
  doctor: {
    summary: 'find out why reports do not arrive',
    load: async () => (await import('./doctor/run.ts')).runDoctor,
  },
  outbox: {
    summary: 'see what waits in an outbox, and decide about what is parked',
    load: async () => (await import('./outbox/run.ts')).runOutbox,
  },
};
