// Reads the click id out of a `Cookie` header.
//
// - The first cookie of the name counts, whatever later ones hold. An empty one means: no click id.
// - Names are compared exactly as they were sent. Spaces and tabs around a name or a value are not part of it, and
//   text without `=` is no cookie.
// - One pair of double quotes around a value is removed. Then the value is decoded by `decodeURIComponent`; a value that
//   cannot be decoded stays as it is.

/** As the browser SDK writes it. */
export const DEFAULT_COOKIE_NAME = 'refp_id';

/** V8 searches for up to six characters several times faster than for more. */
const PROBE_LENGTH = 6;
const DEFAULT_PROBE = DEFAULT_COOKIE_NAME.slice(0, PROBE_LENGTH);

const TAB = 0x09;
const SPACE = 0x20;
const QUOTE = 0x22;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;

/** The decoded value of the first cookie called `name`; `null` if it is missing or empty. */
export function clickIdInHeader(header: string, name: string): string | null {
  const sent = sentValue(header, name);
  return sent === null ? null : canonical(sent);
}

/**
 * The click id of `value`, which a framework put into its cookie map.
 *
 * Most frameworks decode those values, and decoding again would turn the cookie `%2541` into `A`; some leave them as
 * they were sent. `header`, the `Cookie` header of the same request, shows which: if `value` is a stage on the way from the
 * cookie there to its click id, it is that cookie. Any other value (one of the application's own, or one without a
 * header to compare it with) counts as decoded, and loses only a pair of quotes.
 */
export function clickIdInMap(value: string, header: string, name: string): string | null {
  const sent = sentValue(header, name);
  if (sent !== null) {
    const bare = unquoted(sent);
    if (value === sent || value === bare || value === decoded(bare)) return canonical(sent);
  }
  return unquoted(value) || null;
}

/**
 * The value of the first cookie called `name` as it was sent, which may be empty.
 *
 * It searches for the name instead of splitting the header: most headers carry no click id, and only one slice is made.
 */
function sentValue(header: string, name: string): string | null {
  const isDefault = name === DEFAULT_COOKIE_NAME;
  if (!isDefault && !canBeSent(name)) return null;
  const probe = isDefault ? DEFAULT_PROBE : name.slice(0, PROBE_LENGTH);
  for (let at = header.indexOf(probe); at !== -1; at = header.indexOf(probe, at + 1)) {
    const equals = startsPair(header, at) ? equalsAfter(header, at, name) : -1;
    if (equals === -1) continue;
    const semicolon = header.indexOf(';', equals);
    let start = equals + 1;
    let end = semicolon === -1 ? header.length : semicolon;
    while (start < end && isBlank(header.charCodeAt(start))) start++;
    while (start < end && isBlank(header.charCodeAt(end - 1))) end--;
    return header.slice(start, end);
  }
  return null;
}

/** Whether a header can carry a cookie of this name at all. */
function canBeSent(name: string): boolean {
  if (name === '' || name.includes(';') || name.includes('=')) return false;
  return !isBlank(name.charCodeAt(0)) && !isBlank(name.charCodeAt(name.length - 1));
}

function startsPair(header: string, at: number): boolean {
  let before = at - 1;
  while (before >= 0 && isBlank(header.charCodeAt(before))) before--;
  return before === -1 || header.charCodeAt(before) === SEMICOLON;
}

/** Index of the `=` after the name at `at`, or -1 if the cookie there has another name that begins alike. */
function equalsAfter(header: string, at: number, name: string): number {
  for (let index = PROBE_LENGTH; index < name.length; index++) {
    if (header.charCodeAt(at + index) !== name.charCodeAt(index)) return -1;
  }
  let after = at + name.length;
  while (isBlank(header.charCodeAt(after))) after++;
  return header.charCodeAt(after) === EQUALS ? after : -1;
}

function canonical(sent: string): string | null {
  return decoded(unquoted(sent)) || null;
}

function unquoted(value: string): string {
  const last = value.length - 1;
  return last > 0 && value.charCodeAt(0) === QUOTE && value.charCodeAt(last) === QUOTE ? value.slice(1, last) : value;
}

function decoded(value: string): string {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function isBlank(unit: number): boolean {
  return unit === SPACE || unit === TAB;
}
