import { SandboxError } from '../../../sandbox/errors.ts';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import type { Sandbox } from '../../../types/testing.js';
import { type FaultArgument, readArguments } from './arguments.ts';
import { openOutbox } from './open-outbox.ts';
import { createReport, type Report } from './report.ts';

/** `npx refport sandbox`: runs until SIGINT or SIGTERM. */
export async function runSandbox(args: string[], process: NodeJS.Process): Promise<void> {
  try {
    const { help, json, options, faults } = readArguments(args);
    if (help) return void process.stdout.write(help);
    const sandbox = await startSandbox(options, openOutbox);
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => sandbox.close());
    program(sandbox, faults);
    show(sandbox, faults, createReport(process.stdout, json));
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = 1;
  }
}

function show(sandbox: Sandbox, faults: FaultArgument[], report: Report): void {
  const findSale = (invoiceId: string) => sandbox.sales.find(({ params }) => params.invoiceId === invoiceId);
  report.started(sandbox);
  sandbox.subscribe((event) => {
    if (event.type === 'reset') program(sandbox, faults);
    report.event(event, findSale);
  });
}

function program(sandbox: Sandbox, faults: FaultArgument[]): void {
  for (const { kind, options } of faults) sandbox[kind]({ times: Infinity, ...options });
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
