/** Options of clients and calls: their types and, as far as it needs no network or file, their values. */

import { environment, runtimeName } from '#platform';
import type { AbortSignalLike } from '../../index.js';
import type { CallSettings, ClientSettings } from '../engine/engine.ts';
import { RefportAuthError, RefportValidationError } from './errors.ts';
import { headers } from './headers.ts';
import { checkOptionNames, optionNames } from './option-names.ts';
import {
  boolean,
  ifGiven,
  integer,
  isRecord,
  milliseconds,
  mustBe,
  nonEmptyString,
  optionsObject,
  wellFormed,
} from './option-values.ts';

export const DEFAULT_BASE_URL = 'https://app.refport.co';

/** Docker and Kubernetes give a process 10 and 30 seconds between SIGTERM and SIGKILL. */
const CLOSE_TIMEOUT = 10_000;

const shared = {
  timeout: ['timeoutms', 'timeoutmillis', 'requesttimeout'],
  maxRetries: ['retry', 'retries', 'maxretry', 'retrycount', 'retrylimit', 'maxattempts', 'attempts'],
  headers: ['header', 'defaultheaders', 'extraheaders'],
};

const clientNames = optionNames('new Refport()', {
  apiKey: ['key', 'token', 'apitoken', 'accesstoken', 'secret', 'secretkey', 'apisecret'],
  baseUrl: ['url', 'baseuri', 'apiurl', 'apibase', 'endpoint', 'host', 'origin'],
  ...shared,
  proxy: ['proxyurl', 'httpproxy', 'httpsproxy'],
  ca: ['cas', 'cacert', 'cacerts', 'cert', 'certificate', 'certificates'],
  maxConnections: ['connections', 'maxsockets', 'poolsize'],
  http2: ['h2', 'h2c', 'allowh2', 'http2priorknowledge'],
});

const callNames = optionNames('a call', {
  ...shared,
  signal: ['abortsignal', 'abort'],
  retryAmbiguous: ['ambiguous', 'retryall'],
});

const closeNames = optionNames('close()', { timeout: shared.timeout });

export function clientSettings(config: unknown): ClientSettings {
  if (!isRecord(config)) throw new RefportValidationError('config must be an object such as { apiKey: "..." }');
  checkOptionNames(config, clientNames);
  return {
    proxy: ifGiven(proxy, config.proxy),
    apiKey: apiKey(config.apiKey === undefined ? environment('REFPORT_API_KEY') : config.apiKey),
    baseUrl: baseUrl(config.baseUrl ?? (environment('REFPORT_BASE_URL') || DEFAULT_BASE_URL)),
    runtime: runtimeName(),
    ...retrySettings(config),
    maxConnections: integer('maxConnections', config.maxConnections ?? 64, { min: 1, max: 1024 }),
    http2: ifGiven((value) => boolean('http2', value), config.http2),
    headers: ifGiven(headers, config.headers),
    ca: ifGiven(ca, config.ca),
  };
}

const timeout = (value: unknown) => milliseconds('timeout', value);

const maxRetries = (value: unknown) => integer('maxRetries', value, { min: 0, max: 100 });

const retrySettings = (given: Record<string, unknown>) => ({
  timeout: timeout(given.timeout ?? 10_000),
  maxRetries: maxRetries(given.maxRetries ?? 2),
});

function apiKey(value: unknown): string {
  if (typeof value !== 'string' || value.trim() === '') {
    throw new RefportAuthError(
      'apiKey is missing: pass a non-empty string as new Refport({ apiKey }) or set the environment variable REFPORT_API_KEY',
    );
  }
  if (/^[\x21-\x7e]+$/.test(value)) return value;
  throw new RefportAuthError(
    'apiKey contains characters that cannot be sent in a header: pass the key alone, without spaces, line breaks or ' +
      'other control characters',
  );
}

/** @returns a normalised URL without trailing slashes */
function baseUrl(value: unknown): string {
  // Nothing to parse: Node's URL class costs the first call of a process 0.2 ms.
  if (value === DEFAULT_BASE_URL) return value;
  const text = nonEmptyString('baseUrl', value);
  const refusal = (problem: string) =>
    new RefportValidationError(`baseUrl ${problem}: pass an http(s) URL such as ${DEFAULT_BASE_URL}`);
  if (!URL.canParse(text)) throw refusal('is not a URL');
  const { href, protocol, username, password } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') throw refusal('must be an http or https URL');
  if (username !== '' || password !== '') throw refusal('must not contain credentials');
  // `search` and `hash` are empty for a URL that ends in "?" or "#".
  if (/[?#]/.test(href)) throw refusal('must not contain a query or a fragment');
  return href.replace(/\/+$/, '');
}

function ca(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).map((pem: unknown) => {
    // Node's own `ca` options take buffers too.
    const text = pem instanceof Uint8Array ? new TextDecoder().decode(pem) : pem;
    if (typeof text !== 'string') throw mustBe('ca', 'PEM text or an array of PEM texts', pem);
    return wellFormed(text);
  });
}

function proxy(value: unknown): string | false {
  if (value === false) return value;
  if (typeof value !== 'string' || value === '') throw mustBe('proxy', 'a URL or false', value);
  // The native engine has no Unicode tables: it takes internationalised hosts in ASCII.
  return URL.canParse(value) ? new URL(value).href : wellFormed(value);
}

/** Options of one call but `signal`. */
export function callSettings(options: unknown): CallSettings {
  const given = optionsObject(options);
  checkOptionNames(given, callNames);
  return {
    timeout: ifGiven(timeout, given.timeout),
    maxRetries: ifGiven(maxRetries, given.maxRetries),
    headers: ifGiven(headers, given.headers),
    retryAmbiguous: ifGiven((value) => boolean('retryAmbiguous', value), given.retryAmbiguous),
  };
}

/** The timeout of `close`, in milliseconds. */
export function closeTimeout(options: unknown): number {
  if (options === undefined) return CLOSE_TIMEOUT;
  const given = optionsObject(options);
  checkOptionNames(given, closeNames);
  return milliseconds('timeout', given.timeout ?? CLOSE_TIMEOUT, { min: 0 });
}

/** The abort signal in the options of a call or of `drained`, if there is one. */
export function signalOf(options: unknown): AbortSignalLike | undefined {
  const { signal } = optionsObject(options);
  if (signal === undefined || signal === null) return undefined;
  if (isAbortSignal(signal)) return signal;
  throw mustBe('signal', 'an AbortSignal', signal);
}

/** Signals of other realms and polyfills are as good as the runtime's. */
function isAbortSignal(value: unknown): value is AbortSignalLike {
  return (
    typeof value === 'object' &&
    value !== null &&
    'aborted' in value &&
    typeof value.aborted === 'boolean' &&
    'addEventListener' in value &&
    typeof value.addEventListener === 'function' &&
    'removeEventListener' in value &&
    typeof value.removeEventListener === 'function'
  );
}
