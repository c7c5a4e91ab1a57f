import { DEFAULT_BASE_URL } from '../../client/client-options.ts';
import { RefportError } from '../../client/errors.ts';
import { Refport } from '../../client/refport.ts';
import { libc, platformName } from '../../engine/native/platform-name.ts';
import { proxyFor, proxyVariables } from '../../engine/native/proxy-environment.ts';
import { selectEngine } from '../../engine/select.ts';
import { VERSION } from '../../version.ts';
import type { Finding } from './finding.ts';

// The checks that need no network. The client itself says what is wrong with a setting.

const OLDEST_NODE = 20;

export function checkEngine(): Finding {
  const binary = binaryVersion();
  const { name, reason } = chooseEngine();
  const parts = [`refport ${VERSION}`, name, binary && `binary ${binary}`, platformName(), libc()];
  const detail = parts.filter(Boolean).join(', ');
  if (binary !== undefined && binary !== VERSION) {
    const remedy = `The binary belongs to another version: install again, so that both have version ${VERSION}.`;
    return { name: 'engine', ok: false, detail, remedy };
  }
  return { name: 'engine', ok: reason === undefined, detail, remedy: reason };
}

function chooseEngine(): { name?: string; reason?: string | undefined } {
  try {
    const { name, fallbackReason } = selectEngine();
    return { name, reason: fallbackReason };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Of the package for this platform; a binary that was built locally is in none. */
function binaryVersion(): string | undefined {
  try {
    return require(`@refport/native-${platformName()}/package.json`).version;
  } catch {
    return undefined;
  }
}

export function checkNode(): Finding {
  const ok = Number(process.versions.node.split('.')[0]) >= OLDEST_NODE;
  const remedy = ok ? undefined : `Node.js ${OLDEST_NODE} or newer is needed.`;
  return { name: 'node', ok, detail: `${process.version} ${process.platform} ${process.arch}`, remedy };
}

/** Reports only where the key comes from: no part of it is printed. */
export function checkKey(): Finding {
  const value = process.env.REFPORT_API_KEY;
  if (!value?.trim()) {
    const detail = value === undefined ? 'REFPORT_API_KEY is not set' : 'REFPORT_API_KEY is empty';
    const remedy =
      'Set REFPORT_API_KEY to the secret API key of your workspace. A .env file is not read by itself: ' +
      'node --env-file=.env node_modules/refport/dist/cli.cjs doctor';
    return { name: 'key', ok: false, detail, remedy };
  }
  const remedy = settingProblem('apiKey', { baseUrl: DEFAULT_BASE_URL });
  return { name: 'key', ok: remedy === undefined, detail: 'from REFPORT_API_KEY', remedy };
}

export function checkBaseUrl(): { finding: Finding; url?: URL } {
  const value = process.env.REFPORT_BASE_URL || undefined;
  const origin = value ? 'from REFPORT_BASE_URL' : 'the default';
  const problem = settingProblem('baseUrl', { apiKey: 'key' });
  const url = parse(value ?? DEFAULT_BASE_URL);
  if (problem !== undefined || url === undefined) {
    const remedy = `${problem ?? 'It is not a URL'}; or unset REFPORT_BASE_URL for ${DEFAULT_BASE_URL}.`;
    return { finding: { name: 'base URL', ok: false, detail: origin, remedy } };
  }
  const detail = `${url.href.replace(/\/+$/, '')}, ${origin}`;
  return { finding: { name: 'base URL', ok: true, detail }, url };
}

export function checkProxy(url: URL): { finding: Finding; proxy?: URL } {
  const ignored = whyIgnored();
  const found = ignored === undefined ? proxyFor(url.href) : undefined;
  if (found === undefined) {
    return { finding: { name: 'proxy', ok: true, detail: `none${ignored ?? ' for this URL'}` } };
  }
  const variable = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const problem = settingProblem('proxy', { apiKey: 'key', baseUrl: url.href });
  const proxy = parse(found);
  if (problem !== undefined || proxy === undefined) {
    const remedy = problem ?? 'Set it to http://[user:password@]host:port.';
    return { finding: { name: 'proxy', ok: false, detail: `from ${variable}`, remedy } };
  }
  return { finding: { name: 'proxy', ok: true, detail: `${proxy.origin}, from ${variable}` }, proxy };
}

/** Why proxy variables are ignored. */
function whyIgnored(): string | undefined {
  if (proxyVariables() === undefined) return ': proxy variables count with NODE_USE_ENV_PROXY=1 alone';
  // Unlike the addon, fetch obeys them only in a Node.js that can.
  const canObey = chooseEngine().name !== 'fetch' || process.allowedNodeEnvironmentFlags.has('--use-env-proxy');
  return canObey ? undefined : ': the fetch of this Node.js ignores proxy variables';
}

const parse = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);

/**
 * The client's error about an option. Undefined without an engine.
 *
 * @param option - the client's errors about it begin with its name
 * @param options - the rest comes from the environment
 */
function settingProblem(option: string, options: { apiKey?: string; baseUrl?: string }): string | undefined {
  try {
    new Refport(options);
  } catch (error) {
    if (error instanceof RefportError && error.message.startsWith(option)) return error.message;
  }
  return undefined;
}
