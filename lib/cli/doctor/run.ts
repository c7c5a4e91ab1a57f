import { checkApi } from './api.ts';
import type { Finding } from './finding.ts';
import { checkBaseUrl, checkEngine, checkKey, checkNode, checkProxy } from './machine.ts';
import { connect, handshake, resolve, tunnel } from './network.ts';

const HELP = `Usage: npx refport doctor [--json]

Checks this machine, the settings in the environment (REFPORT_API_KEY, REFPORT_BASE_URL) and the way to the API. It sends
one request, which creates nothing. The key is never printed.

  --json  print one JSON object: { ok, findings: [{ name, ok, detail, remedy }] }
  --help  print this text

Exit code: 0 if nothing is wrong, 1 if something is, 2 if it was called wrongly.
`;

/**
 * Ends early where nothing that comes after can work.
 *
 * @param timeout - milliseconds for each step on the network
 */
export async function* examine(timeout = 10_000): AsyncGenerator<Finding> {
  yield checkEngine();
  yield checkNode();
  const key = checkKey();
  yield key;
  const { finding, url } = checkBaseUrl();
  yield finding;
  if (!url) return;
  const { finding: proxyFinding, proxy } = checkProxy(url);
  yield proxyFinding;
  if (proxyFinding.ok) yield* reachApi(url, proxy, key.ok === true, timeout);
}

async function* reachApi(url: URL, proxy: URL | undefined, hasKey: boolean, timeout: number): AsyncGenerator<Finding> {
  const first = proxy ?? url;
  const name = await resolve(first);
  yield name;
  if (!name.ok) return;
  let { finding, socket } = await connect(first, timeout);
  const secure = url.protocol === 'https:';
  try {
    yield finding;
    const steps = [
      ...(proxy?.protocol === 'https:' ? [() => handshake(socket, proxy, timeout)] : []),
      ...(proxy && secure ? [() => tunnel(socket, url, proxy, timeout)] : []),
      ...(secure ? [() => handshake(socket, url, timeout)] : []),
    ];
    for (const step of steps) {
      if (!finding.ok) return;
      ({ finding, socket } = await step());
      yield finding;
    }
    // The key is not sent to a server whose certificate is not trusted.
    if (finding.ok && hasKey) {
      yield* await checkApi(socket, url, secure ? undefined : proxy, String(process.env.REFPORT_API_KEY), timeout);
    }
  } finally {
    socket.destroy();
  }
}

/** A setting or an answer can contain the key. */
function withoutKey({ name, ok, detail, remedy }: Finding): Finding {
  const secret = process.env.REFPORT_API_KEY?.trim() || '\0';
  return { name, ok, detail: detail.replaceAll(secret, '<key>'), remedy: remedy?.replaceAll(secret, '<key>') };
}

function format({ name, ok, detail, remedy }: Finding): string {
  const mark = ok === null ? '?' : ok ? '✓' : '✗';
  return `${mark} ${name.padEnd(13)} ${detail}\n${remedy ? `  ${remedy}\n` : ''}`;
}

/** `npx refport doctor`: why reports do not arrive. */
export async function runDoctor(args: string[], process: NodeJS.Process): Promise<void> {
  const unknown = args.find((arg) => !['--json', '--help'].includes(arg));
  if (unknown !== undefined) {
    process.stderr.write(`There is no option "${unknown}".\n${HELP}`);
    process.exitCode = 2;
    return;
  }
  if (args.includes('--help')) return void process.stdout.write(HELP);
  const json = args.includes('--json');
  const findings: Finding[] = [];
  for await (const found of examine()) {
    const finding = withoutKey(found);
    findings.push(finding);
    if (!json) process.stdout.write(format(finding));
  }
  const wrong = findings.filter(({ ok }) => ok === false).length;
  if (json) process.stdout.write(`${JSON.stringify({ ok: wrong === 0, findings }, null, 2)}\n`);
  else process.stdout.write(wrong === 0 ? '\nNothing is wrong.\n' : `\nWrong: ${wrong}. See the lines with ✗.\n`);
  process.exitCode = wrong === 0 ? 0 : 1;
}
