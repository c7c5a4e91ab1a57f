import type { CaptureOptions } from '../../index.js';
import { asRefportError, RefportValidationError } from '../client/errors.ts';
import { checkOptionNames, optionNames } from '../client/option-names.ts';
import { DEFAULT_COOKIE_NAME } from './cookie.ts';

/** Options of `captureClickId`, checked and complete. */
export interface CookieSettings {
  paramName: string;
  cookieName: string;
  domain: string | undefined;
  path: string;
  maxAge: number;
  sameSite: string;
  /** Unset: decided by the request. */
  secure: boolean | undefined;
  httpOnly: boolean;
  keep: 'first' | 'last';
}

const DAY = 24 * 60 * 60;

/** As long as the browser SDK keeps it. */
const DEFAULT_MAX_AGE = 90 * DAY;

/** Browsers cap what is longer: https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-the-max-age-attribute */
const LONGEST_MAX_AGE = 400 * DAY;

const DEFAULTS: CookieSettings = {
  paramName: 'refp_id',
  cookieName: DEFAULT_COOKIE_NAME,
  domain: undefined,
  path: '/',
  maxAge: DEFAULT_MAX_AGE,
  sameSite: 'Lax',
  secure: undefined,
  httpOnly: true,
  keep: 'last',
};

const NAMES = optionNames('captureClickId()', {
  paramName: ['param', 'parameter', 'parametername', 'query', 'queryparam'],
  cookieName: ['cookie', 'name'],
  domain: ['host', 'hostname'],
  path: [],
  maxAge: ['age', 'ttl', 'lifetime', 'expires', 'expiry', 'maxagems'],
  sameSite: [],
  secure: ['https'],
  httpOnly: [],
  keep: ['attribution', 'model'],
});

/** https://www.rfc-editor.org/rfc/rfc9110#name-tokens */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const DOMAIN = /^\.?[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*$/;
/** Printable ASCII without `;`, which would begin another attribute. */
const PATH = /^\/[\x20-\x3a\x3c-\x7e]*$/;

const SAME_SITE = new Map([
  ['lax', 'Lax'],
  ['strict', 'Strict'],
  ['none', 'None'],
]);

/** @throws {RefportValidationError} for a bad option; the message names it */
export function cookieSettings(options: CaptureOptions | undefined): CookieSettings {
  if (options === undefined) return DEFAULTS;
  try {
    return checked(options);
  } catch (thrown) {
    // A getter of the caller's can throw anything.
    throw asRefportError(thrown, 'options of captureClickId could not be read');
  }
}

function checked(options: CaptureOptions): CookieSettings {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw mustBe('options', 'an object', options);
  }
  checkOptionNames(options, NAMES);
  const settings: CookieSettings = {
    paramName: given(options.paramName, DEFAULTS.paramName, 'paramName', isName, 'a non-empty string'),
    cookieName: given(options.cookieName, DEFAULTS.cookieName, 'cookieName', matches(TOKEN), 'the name of a cookie'),
    domain: given(options.domain, undefined, 'domain', matches(DOMAIN), 'a domain, such as example.com'),
    path: given(options.path, DEFAULTS.path, 'path', matches(PATH), 'a path that begins with /'),
    maxAge: given(
      options.maxAge,
      DEFAULT_MAX_AGE,
      'maxAge',
      isMaxAge,
      `seconds: a whole number from 1 to ${LONGEST_MAX_AGE}, 400 days`,
    ),
    sameSite: sameSite(options.sameSite),
    secure: given(options.secure, undefined, 'secure', isBoolean, 'true or false'),
    httpOnly: given(options.httpOnly, DEFAULTS.httpOnly, 'httpOnly', isBoolean, 'true or false'),
    keep: given(options.keep, DEFAULTS.keep, 'keep', isKeep, "'last' or 'first'"),
  };
  return withPrefixRules(settings);
}

/** Browsers drop cookies that break these rules, without a word. */
function withPrefixRules(settings: CookieSettings): CookieSettings {
  const { cookieName, domain, path, sameSite, secure } = settings;
  const isHost = cookieName.startsWith('__Host-');
  if (isHost && (domain !== undefined || path !== '/')) {
    throw new RefportValidationError(`cookieName: ${cookieName} takes neither domain nor path`);
  }
  const why =
    sameSite === 'None' ? "sameSite: 'none'" : isHost || cookieName.startsWith('__Secure-') ? cookieName : undefined;
  if (why === undefined) return settings;
  if (secure === false)
    throw new RefportValidationError(`secure must not be false with ${why}: browsers would drop the cookie`);
  return { ...settings, secure: true };
}

function sameSite(value: unknown): string {
  if (value === undefined) return DEFAULTS.sameSite;
  const known = typeof value === 'string' ? SAME_SITE.get(value.toLowerCase()) : undefined;
  if (known === undefined) throw mustBe('sameSite', "'lax', 'strict' or 'none'", value);
  return known;
}

function given<T, Default>(
  value: unknown,
  otherwise: Default,
  option: string,
  isValid: (value: unknown) => value is T,
  what: string,
): T | Default {
  if (value === undefined) return otherwise;
  if (isValid(value)) return value;
  throw mustBe(option, what, value);
}

const isName = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isKeep = (value: unknown): value is 'first' | 'last' => value === 'first' || value === 'last';
const isMaxAge = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= LONGEST_MAX_AGE;
const matches =
  (pattern: RegExp) =>
  (value: unknown): value is string =>
    typeof value === 'string' && pattern.test(value);

function mustBe(option: string, what: string, value: unknown): Error {
  return new RefportValidationError(`${option} must be ${what}, not ${shown(value)}`);
}

/** Numbers and short text are shown, as they help to find a unit or a typing error. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value === '' ? 'an empty string' : JSON.stringify(value.slice(0, 40));
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}
