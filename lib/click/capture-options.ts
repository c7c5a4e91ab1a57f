import type { CaptureOptions } from '../../index.js';
import { asRefportError, RefportValidationError } from '../client/errors.ts';
import { checkOptionNames, optionNames } from '../client/option-names.ts';
import { boolean, ifGiven, mustBe, nonEmptyString, optionsObject } from '../client/option-values.ts';
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

function checked(given: CaptureOptions): CookieSettings {
  const options = optionsObject(given);
  checkOptionNames(options, NAMES);
  const option = <T>(name: keyof CaptureOptions, check: (name: string, value: unknown) => T): T | undefined =>
    ifGiven((value) => check(name, value), options[name]);
  return withPrefixRules({
    paramName: option('paramName', nonEmptyString) ?? DEFAULTS.paramName,
    cookieName: option('cookieName', textLike(TOKEN, 'the name of a cookie')) ?? DEFAULTS.cookieName,
    domain: option('domain', textLike(DOMAIN, 'a domain, such as example.com')),
    path: option('path', textLike(PATH, 'a path that begins with /')) ?? DEFAULTS.path,
    maxAge: option('maxAge', seconds) ?? DEFAULTS.maxAge,
    sameSite: option('sameSite', sameSite) ?? DEFAULTS.sameSite,
    secure: option('secure', boolean),
    httpOnly: option('httpOnly', boolean) ?? DEFAULTS.httpOnly,
    keep: option('keep', keep) ?? DEFAULTS.keep,
  });
}

/** Browsers silently drop cookies that break these rules. */
function withPrefixRules(settings: CookieSettings): CookieSettings {
  const { cookieName, domain, path, sameSite, secure } = settings;
  const isHost = cookieName.startsWith('__Host-');
  if (isHost && (domain !== undefined || path !== '/')) {
    throw new RefportValidationError(`cookieName: ${cookieName} takes neither domain nor path`);
  }
  const isSecure = isHost || cookieName.startsWith('__Secure-');
  if (!isSecure && sameSite !== 'None') return settings;
  if (secure === false) {
    const cause = isSecure ? cookieName : "sameSite: 'none'";
    throw new RefportValidationError(`secure must not be false with ${cause}: browsers would drop the cookie`);
  }
  return { ...settings, secure: true };
}

function textLike(pattern: RegExp, expected: string): (option: string, value: unknown) => string {
  return (option, value) => {
    if (typeof value === 'string' && pattern.test(value)) return value;
    throw mustBe(option, expected, value);
  };
}

function seconds(option: string, value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= LONGEST_MAX_AGE) return value;
  throw mustBe(option, `seconds: a whole number from 1 to ${LONGEST_MAX_AGE}, 400 days`, value);
}

function sameSite(option: string, value: unknown): string {
  const known = typeof value === 'string' ? SAME_SITE.get(value.toLowerCase()) : undefined;
  if (known !== undefined) return known;
  throw mustBe(option, "'lax', 'strict' or 'none'", value);
}

function keep(option: string, value: unknown): 'first' | 'last' {
  if (value === 'first' || value === 'last') return value;
  throw mustBe(option, "'last' or 'first'", value);
}
