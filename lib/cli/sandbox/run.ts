import { SandboxError } from '../../../sandbox/errors.ts';
import { createSandbox } from '../../../sandbox/sandbox.ts';
import type { Sandbox } from '../../../types/testing.js';
import { type FaultArgument, readArguments } from './arguments.ts';
import { createReport, type Report } from './report.ts';

/** Faults that the dashboard offers as switches. They are off at the start. */
const OFFERED: FaultArgument[] = [
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

/** `npx refport sandbox`: runs until SIGINT or SIGTERM. */
export async function runSandbox(args: string[], process: NodeJS.Process): Promise<void> {
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

function show(sandbox: Sandbox, faults: FaultArgument[], report: Report): void {
  report.started(sandbox);
  sandbox.subscribe((event) => {
    if (event.type === 'reset') program(sandbox, faults);
    report.event(event);
  });
}

function program(sandbox: Sandbox, faults: FaultArgument[]): void {
  for (const { kind, options } of faults) add(sandbox, kind, { times: Infinity, ...options });
  for (const { kind, options } of OFFERED) add(sandbox, kind, { times: Infinity, enabled: false, ...options });
}

function add(sandbox: Sandbox, kind: FaultArgument['kind'], options: Record<string, unknown>): void {
  if (kind === 'delay') sandbox.delay({ ms: Number(options.ms), ...options });
  else sandbox[kind](options);
}

function explain(error: unknown): string {
  const { code, message, port } = Object(error);
  if (code === 'EADDRINUSE') {
    return `Port ${port} is taken. Choose another one with --port, or any free one with --port 0.`;
  }
  if (error instanceof SandboxError || String(code).startsWith('ERR_PARSE_ARGS')) {
    return `${message}\nnpx refport sandbox --help lists the options.`;
  }
  return message;
}
