'use strict';

/**
 * Characters as other formats write them: with a backslash (JSON, JavaScript), a percent sign (URLs) or as a character
 * reference (HTML); src/api/escapes.rs. All are ASCII, as API keys are.
 * @module
 */

/** How often a text is escaped at most: JSON in JSON on an HTML page is three times. */
const MAX_DEPTH = 3;

/** @typedef {[character: string, end: number]} Reading a character, and where it ends in the text */
/** @typedef {(at: number) => Reading | undefined} Read */

/** @type {Record<string, string>} */
const NAMES = { quot: '"', amp: '&', apos: "'", lt: '<', gt: '>' };

/**
 * Everything that the text can mean at `at`: the character as it is, and unescaped once and more often.
 * @param {string} text
 * @param {number} at
 * @returns {Reading[]}
 */
function readings(text, at) {
  const depths = /[\\%&]/.test(text[at] ?? '') ? MAX_DEPTH : 0;
  const all = [];
  for (let depth = 0; depth <= depths; depth += 1) {
    const reading = read(text, at, depth);
    if (reading) all.push(reading);
  }
  return all;
}

/**
 * The character at `at` of the text after it was unescaped `depth` times.
 * @param {string} text
 * @param {number} at
 * @param {number} depth
 * @returns {Reading | undefined}
 */
function read(text, at, depth) {
  if (depth === 0) return at < text.length ? [/** @type {string} */ (text[at]), at + 1] : undefined;
  const first = read(text, at, depth - 1);
  if (first === undefined) return undefined;
  /** @type {Read} */
  const next = (at) => read(text, at, depth - 1);
  switch (first[0]) {
    case '\\':
      return backslash(next, first[1]) ?? first;
    case '%':
      return number(next, first[1], 2) ?? first;
    case '&':
      return reference(next, first[1]) ?? first;
    default:
      return first;
  }
}

/** @param {Read} next @param {number} at @returns {Reading | undefined} */
function backslash(next, at) {
  const after = next(at);
  if (after?.[0] === 'u') return number(next, after[1], 4);
  if (after?.[0] === 'x') return number(next, after[1], 2);
  return after && /[!-/:-@[-`{-~]/.test(after[0]) ? after : undefined;
}

/**
 * A number of exactly so many hexadecimal digits.
 * @param {Read} next
 * @param {number} at
 * @param {number} length
 * @returns {Reading | undefined}
 */
function number(next, at, length) {
  let digits = '';
  let end = at;
  while (digits.length < length) {
    const digit = next(end);
    if (digit === undefined || !/[\da-f]/i.test(digit[0])) return undefined;
    digits += digit[0];
    end = digit[1];
  }
  return [String.fromCharCode(Number.parseInt(digits, 16)), end];
}

/** After `&`. Numbers may have zeros in front. @param {Read} next @param {number} at @returns {Reading | undefined} */
function reference(next, at) {
  let name = '';
  for (let end = at; ; ) {
    const after = next(end);
    if (after === undefined) return undefined;
    end = after[1];
    if (after[0] === ';') {
      const [, hexadecimal, decimal] = /^#(?:x([\da-f]+)|(\d+))$/i.exec(name) ?? [];
      const code = hexadecimal ? Number.parseInt(hexadecimal, 16) : Number(decimal);
      const character = NAMES[name.toLowerCase()] ?? (code < 256 ? String.fromCharCode(code) : undefined);
      return character === undefined ? undefined : [character, end];
    }
    if (name.length === 10 || !/[#\da-z]/i.test(after[0])) return undefined;
    name += after[0];
  }
}

module.exports = { readings };
