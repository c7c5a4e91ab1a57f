import type { CommissionRule, SandboxClickInput, SandboxOptions, SandboxOutbox } from '../types/testing.js';
import * as check from './check.ts';

/** The options of a sandbox, checked, with all defaults filled in. */
export interface Settings {
  port: number;
  apiKeys: string[];
  clicks: SandboxClickInput[];
  latency: [lowest: number, highest: number];
  commission: CommissionRule;
  program: boolean;
  tokenLifetime: number;
  appUrl: string;
  https: boolean;
  http2: boolean;
  allowedHosts: string[];
  data: string | undefined;
  maxRequests: number;
  outbox: SandboxOutbox | undefined;
  seed: number | undefined;
}

const NAMES = [
  'port',
  'apiKeys',
  'clicks',
  'latency',
  'commission',
  'program',
  'tokenLifetime',
  'appUrl',
  'https',
  'http2',
  'allowedHosts',
  'data',
  'maxRequests',
  'outbox',
  'seed',
];
/** Node's timers fire at once above this. */
export const LONGEST_TIMER = 2 ** 31 - 1;
export const PARTNER = /^[A-Za-z0-9._-]{1,64}$/;

export function readOptions(options: SandboxOptions | undefined): Settings {
  const {
    port = 0,
    apiKeys = ['sandbox_key'],
    clicks = ['click_1', { id: 'click_unlinked', link: null }],
    latency = 0,
    commission = { percent: 20 },
    program = true,
    tokenLifetime = 900_000,
    appUrl = 'http://localhost:3000/',
    http2 = false,
    https = http2,
    allowedHosts = [],
    data,
    maxRequests = Infinity,
    outbox,
    seed,
  } = check.checkObject('The options of createSandbox', options, NAMES);
  if (http2 === true && https === false) {
    throw check.misuse('https', 'true or left out with http2, which is negotiated over TLS', https);
  }
  return {
    port: check.checkInteger('port', port, 0, 65535),
    apiKeys: readStrings('apiKeys', apiKeys, 1),
    clicks: readClicks(clicks),
    latency: readLatency(latency),
    commission: readCommission(commission),
    program: check.checkBoolean('program', program),
    tokenLifetime: check.checkNumber('tokenLifetime', tokenLifetime, 0, 1e12),
    appUrl: readUrl('appUrl', appUrl),
    https: check.checkBoolean('https', https),
    http2: check.checkBoolean('http2', http2),
    allowedHosts: readStrings('allowedHosts', allowedHosts, 0).map((host) => host.toLowerCase()),
    data: data === undefined ? undefined : check.checkString('data', data),
    maxRequests: check.checkInteger('maxRequests', maxRequests, 1, Infinity),
    outbox: outbox === undefined ? undefined : readOutbox(outbox),
    seed: seed === undefined ? undefined : check.checkInteger('seed', seed, 0, 2 ** 32 - 1),
  };
}

function readStrings(name: string, value: unknown, fewest: number): string[] {
  const list = check.checkList(name, value);
  if (list.length < fewest) throw check.misuse(name, 'an array with at least one string', value);
  return list.map((item, index) => check.checkString(`${name}[${index}]`, item));
}

function readClicks(value: unknown): SandboxClickInput[] {
  const clicks = check.checkList('clicks', value).map((click, index) => readClick(`clicks[${index}]`, click));
  const twice = clicks.find((click, index) => clicks.findIndex((other) => other.id === click.id) !== index);
  if (twice) throw check.misuse('clicks', 'free of repeated ids', twice.id);
  return clicks;
}

export function readClick(name: string, value: unknown): SandboxClickInput {
  if (typeof value === 'string') return { id: check.checkString(name, value) };
  if (value === undefined) throw check.misuse(name, 'a string or an object with an id', value);
  const { id, partner, link } = check.checkObject(name, value, ['id', 'partner', 'link']);
  return {
    id: check.checkString(`${name}.id`, id),
    partner: partner === undefined ? undefined : readPartner(`${name}.partner`, partner),
    link:
      link === null || link === undefined
        ? link
        : check.checkObject(`${name}.link`, link, ['id', 'domain', 'key', 'url', 'programId']),
  };
}

function readPartner(name: string, value: unknown): string {
  if (typeof value !== 'string' || !PARTNER.test(value)) {
    throw check.misuse(name, '1 to 64 letters, digits, ".", "_" and "-"', value);
  }
  return value;
}

function readLatency(value: unknown): [lowest: number, highest: number] {
  const [lowest, highest] = Array.isArray(value) ? value : [value, value];
  const least = check.checkNumber('latency', lowest, 0, LONGEST_TIMER);
  return [least, check.checkNumber('latency', highest, least, LONGEST_TIMER)];
}

function readCommission(value: unknown): CommissionRule {
  if (isCommissionFunction(value)) return value;
  const rule = check.checkObject('commission', value, ['percent', 'flat']);
  if (rule.percent !== undefined && rule.flat === undefined) {
    return { percent: check.checkNumber('commission.percent', rule.percent, 0, 100) };
  }
  if (rule.flat !== undefined && rule.percent === undefined) {
    return { flat: check.checkNumber('commission.flat', rule.flat, 0, Number.MAX_SAFE_INTEGER) };
  }
  throw check.misuse('commission', 'a function, { percent } or { flat }', value);
}

/** Its result is checked when it is called. */
const isCommissionFunction = (value: unknown): value is Extract<CommissionRule, (...args: never) => unknown> =>
  typeof value === 'function';

function readOutbox(value: unknown): SandboxOutbox {
  const given = check.checkObject('outbox', value, ['path', 'redis', 'prefix', 'postgres', 'schema']);
  const text = (name: keyof typeof given) => check.checkString(`outbox.${name}`, given[name]);
  const optional = (name: keyof typeof given) => (given[name] === undefined ? undefined : text(name));
  const address = (name: keyof typeof given) => {
    if (URL.canParse(text(name))) return text(name);
    throw check.misuse(`outbox.${name}`, 'a URL', given[name]);
  };
  const places = ['path', 'redis', 'postgres'].filter((name) => given[name] !== undefined);
  if (places.length !== 1) throw check.misuse('outbox', 'one of { path }, { redis } and { postgres }', value);
  if (given.prefix !== undefined && !given.redis) throw check.misuse('outbox.prefix', 'left out without redis', value);
  if (given.schema !== undefined && !given.postgres) {
    throw check.misuse('outbox.schema', 'left out without postgres', value);
  }
  if (given.redis !== undefined) return { redis: address('redis'), prefix: optional('prefix') };
  if (given.postgres !== undefined) return { postgres: address('postgres'), schema: optional('schema') };
  return { path: text('path') };
}

export function readUrl(name: string, value: unknown): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw check.misuse(name, 'an http: or https: URL', value);
  }
  return url.href;
}
