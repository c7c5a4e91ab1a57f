'use strict';

/**
 * The click ID in a `Cookie` header.
 *
 * - The first cookie of the name counts, whatever later ones hold. An empty one means: no click ID.
 * - Names are compared exactly as they were sent. Spaces and tabs around a name or a value are not part of it, and
 *   text without `=` is no cookie.
 * - One pair of double quotes around a value is removed. Then the value is decoded by `decodeURIComponent`; one that it
 *   refuses stays as it is.
 * @module
 */

/** As the browser SDK writes it. */
const DEFAULT_COOKIE_NAME = 'refp_id';

/** V8 searches for up to six characters several times faster than for more. */
const PROBE_LENGTH = 6;
const DEFAULT_PROBE = DEFAULT_COOKIE_NAME.slice(0, PROBE_LENGTH);

const TAB = 0x09;
const SPACE = 0x20;
const QUOTE = 0x22;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;

/**
 * The click ID in `header`: what the first cookie called `name` holds, decoded.
 *
 * @param {string} header
 * @param {string} name
 * @returns {string | null} `null` if that is nothing
 */
function clickId(header, name) {
  const sent = sentValue(header, name);
  return sent === null ? null : canonical(sent);
}

/**
 * The click ID that `value`, found in the cookie map of a framework, stands for.
 *
 * Most frameworks decode what they put there, and decoding it again would make `A` of a cookie `%2541`; some leave it as
 * it was sent. Which of the two it is can be seen in `header`, the `Cookie` header of the same request: a value on the
 * way from the cookie there to its click ID is that cookie. Any other value (an application's own, or one without a
 * header to compare it with) counts as decoded, and loses nothing but a pair of quotes.
 *
 * @param {string} value
 * @param {string} header
 * @param {string} name
 * @returns {string | null} `null` if that is nothing
 */
function clickIdInMap(value, header, name) {
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
 * It looks for the name instead of reading pair by pair: most headers carry no click ID, and of a long one little
 * matters. One slice is made, of what is found.
 *
 * @param {string} header
 * @param {string} name
 * @returns {string | null}
 */
function sentValue(header, name) {
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

/**
 * Whether a cookie can have the name at all. What passes can be looked for without looking at pairs.
 *
 * @param {string} name
 */
function canBeSent(name) {
  if (name === '' || name.includes(';') || name.includes('=')) return false;
  return !isBlank(name.charCodeAt(0)) && !isBlank(name.charCodeAt(name.length - 1));
}

/**
 * @param {string} header
 * @param {number} at
 */
function startsPair(header, at) {
  let before = at - 1;
  while (before >= 0 && isBlank(header.charCodeAt(before))) before--;
  return before === -1 || header.charCodeAt(before) === SEMICOLON;
}

/**
 * Where the `=` of a cookie called `name` is, if the one at `at`, which begins like it, is called so.
 *
 * @param {string} header
 * @param {number} at
 * @param {string} name
 * @returns {number} -1 if it has another name
 */
function equalsAfter(header, at, name) {
  for (let index = PROBE_LENGTH; index < name.length; index++) {
    if (header.charCodeAt(at + index) !== name.charCodeAt(index)) return -1;
  }
  let after = at + name.length;
  while (isBlank(header.charCodeAt(after))) after++;
  return header.charCodeAt(after) === EQUALS ? after : -1;
}

/** @param {string} sent */
function canonical(sent) {
  return decoded(unquoted(sent)) || null;
}

/** @param {string} value */
function unquoted(value) {
  const last = value.length - 1;
  return last > 0 && value.charCodeAt(0) === QUOTE && value.charCodeAt(last) === QUOTE ? value.slice(1, last) : value;
}

/** @param {string} value */
function decoded(value) {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** @param {number} unit */
function isBlank(unit) {
  return unit === SPACE || unit === TAB;
}

module.exports = { DEFAULT_COOKIE_NAME, clickId, clickIdInMap };
