import { parseArgs } from 'node:util';
import { SandboxError } from '../../../sandbox/errors.ts';
import { readFault as readFaultOptions } from '../../../sandbox/faults/options.ts';
import { readUrl } from '../../../sandbox/options.ts';
import type { SandboxClickInput, SandboxOptions } from '../../../types/testing.js';
import { readPlace } from '../place.ts';

export interface FaultArgument {
  kind: 'fail' | 'drop';
  options: Record<string, unknown>;
}

interface Arguments {
  /** The text to print instead of starting a sandbox. */
  help: string | undefined;
  json: boolean;
  options: SandboxOptions;
  faults: FaultArgument[];
}

const DEFAULT_PORT = 4455;

const HELP = `Usage: npx refport sandbox [options]

Runs a sandbox of the Refport API on this machine, with a dashboard on the same port. It answers leads, sales and
embed tokens as the API does, shows every request, and fails when told to.

  --port <number>         port on 127.0.0.1 (default ${DEFAULT_PORT}; 0 takes a free one)
  --app <url>             where short links (/go/<partner>) lead (default http://localhost:3000/)
  --click <id[:partner]>  a click to know from the start; <id>:none has no link. May be repeated.
  --key <key>             API key to accept (default sandbox_key). May be repeated.
  --latency <ms>          time that every call takes, or a range such as 50-200
  --fail <on:what[:p]>    fault from the start: on is lead, sale, token or any; what is a status or "drop";
                          p is the chance of each call to be hit (default 1). May be repeated.
                          Example: --fail sale:429:0.2
  --commission <percent>  what a partner earns on a sale (default 20)
  --data <file>           keep everything in a file, over restarts and crashes
  --outbox <file>         the app's outbox, to see and decide about in the dashboard; or, on a queue,
                          --redis <url> [--prefix <prefix>] or --postgres <url> [--schema <schema>]
  --https, --http2        serve over TLS, with HTTP/2 if asked for; the authority to trust is printed
  --json                  print JSON lines instead of text
  --help                  show this

`;

/**
 * @throws {SandboxError} if an argument is not valid
 * @throws {TypeError} if an option is unknown
 */
export function readArguments(args: string[]): Arguments {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string' },
      app: { type: 'string' },
      click: { type: 'string', multiple: true },
      key: { type: 'string', multiple: true },
      latency: { type: 'string' },
      fail: { type: 'string', multiple: true },
      commission: { type: 'string' },
      data: { type: 'string' },
      outbox: { type: 'string' },
      redis: { type: 'string' },
      prefix: { type: 'string' },
      postgres: { type: 'string' },
      schema: { type: 'string' },
      https: { type: 'boolean' },
      http2: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const { port, app, click, key, latency, fail, commission, data, https, http2, json = false, help } = values;
  return {
    help: help ? HELP : undefined,
    json,
    options: {
      port: port === undefined ? DEFAULT_PORT : readNumber('--port', port),
      appUrl: app === undefined ? undefined : readUrl('--app', app),
      clicks: click?.map(readClick),
      apiKeys: key,
      latency: latency === undefined ? undefined : readLatency(latency),
      commission: commission === undefined ? undefined : { percent: readNumber('--commission', commission) },
      data,
      outbox: readPlace({ ...values, path: values.outbox }, '--outbox', invalid),
      https,
      http2,
      maxRequests: 20_000,
    },
    faults: fail?.map(readFault) ?? [],
  };
}

const invalid = (problem: string) => new SandboxError('INVALID_OPTION', problem);

function readNumber(name: string, text: string): number {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text);
  throw invalid(`${name} must be a number, got "${text}"`);
}

function readClick(text: string): SandboxClickInput {
  const [, id = '', partner] = /^(.*?)(?::([^:]*))?$/.exec(text) ?? [];
  return partner === 'none' ? { id, link: null } : { id, partner };
}

function readLatency(text: string): [lowest: number, highest: number] {
  const [lowest = '', highest = lowest] = text.split('-');
  return [readNumber('--latency', lowest), readNumber('--latency', highest)];
}

function readFault(text: string): FaultArgument {
  const [on, what = '', chance = '1', ...rest] = text.split(':');
  if (rest.length > 0 || what === '') {
    throw invalid(`--fail takes <on:what[:p]>, such as sale:429:0.2, got "${text}"`);
  }
  if (what !== 'drop' && !/^\d+$/.test(what)) {
    throw invalid(`--fail takes a status or "drop", got "${what}" in "${text}"`);
  }
  const common = { on, probability: readNumber('--fail', chance) };
  const fault: FaultArgument =
    what === 'drop'
      ? { kind: 'drop', options: common }
      : { kind: 'fail', options: { ...common, status: readNumber('--fail', what) } };
  // Checked before the sandbox starts, not when the fault is programmed.
  readFaultOptions(fault.kind, fault.options);
  return fault;
}
