'use strict';

/**
 * `getClickIdFromCookie` next to a parser that one would write for this one cookie, on headers of three sizes with and
 * without the cookie. Both read the same headers in turns; the figures are medians.
 *
 *   node bench/click-id.js          a table
 *   node bench/click-id.js --json   the same as JSON, for bench/click-id-rows.js
 */

const { getClickIdFromCookie } = require('..');

const ROUNDS = 201;
/** Shorter than what a scheduler gives a process at once: most turns run undisturbed, on a busy machine as well. */
const MILLISECONDS_PER_TURN = 1;
/** Different headers, so that nothing about one of them can be remembered or hoisted out of the loop. */
const HEADERS = 64;

/** Header sizes in bytes, and the ratio to the hand-written search that must hold. */
const SIZES = [
  { size: 40, limit: 1.15 },
  { size: 300, limit: 1.15 },
  { size: 4096, limit: 0.4 },
];

/**
 * The code of a careful author: search for the name, and make no more strings than the one that is returned. It knows
 * neither blanks between the name and its `=` nor quotes.
 * @param {string} header
 * @param {string} [name]
 */
function plain(header, name = 'refp_id') {
  const wanted = `${name}=`;
  let at = header.indexOf(wanted);
  // Not the end of a longer name.
  while (at > 0 && header[at - 1] !== ' ' && header[at - 1] !== ';') at = header.indexOf(wanted, at + 1);
  if (at === -1) return null;
  const start = at + wanted.length;
  const end = header.indexOf(';', start);
  const value = header.slice(start, end === -1 ? header.length : end);
  if (!value.includes('%')) return value || null;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** The same headers in every run. */
const random = (() => {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x80000000;
  };
})();

/** @param {number} length */
function word(length) {
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_';
  return Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join('');
}

/**
 * Cookies of the lengths that sites and their analytics set; the one looked for is the last, where it costs most.
 * @param {number} size
 * @param {boolean} present
 */
function header(size, present) {
  const wanted = present ? `refp_id=clk_${word(20)}` : `other=${word(16)}`;
  let others = '';
  while (others.length + wanted.length < size) {
    const room = size - wanted.length - others.length - 2;
    const cookie = `${word(3 + Math.floor(random() * 10))}=${word(6 + Math.floor(random() * 30))}`;
    others += `${cookie.slice(0, Math.max(room, 1))}; `;
  }
  // Flat and made of single bytes, as they come from the HTTP parser.
  return Buffer.from(others + wanted).toString('latin1');
}

/**
 * @param {(header: string) => string | null} find
 * @param {string[]} headers
 * @param {number} passes
 * @returns {number} nanoseconds per call
 */
function turn(find, headers, passes) {
  let found = 0;
  const start = process.hrtime.bigint();
  for (let pass = 0; pass < passes; pass++) {
    for (const text of headers) if (find(text) !== null) found++;
  }
  const elapsed = Number(process.hrtime.bigint() - start);
  if (found !== 0 && found !== passes * headers.length) throw new Error('Some of the headers have no click ID.');
  return elapsed / (passes * headers.length);
}

/** @param {number[]} values */
function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/**
 * @param {number} size
 * @param {number} limit
 * @param {boolean} present
 */
function row(size, limit, present) {
  const headers = Array.from({ length: HEADERS }, () => header(size, present));
  for (const text of headers) {
    if (getClickIdFromCookie(text) !== plain(text)) throw new Error(`Different click IDs in ${text}`);
  }
  const passesOf = (/** @type {(header: string) => string | null} */ find) => {
    turn(find, headers, 200); // for the compiler
    return Math.ceil((MILLISECONDS_PER_TURN * 1e6) / (turn(find, headers, 50) * HEADERS));
  };
  const passes = { own: passesOf(getClickIdFromCookie), plain: passesOf(plain) };
  const own = [];
  const others = [];
  for (let round = 0; round < ROUNDS; round++) {
    others.push(turn(plain, headers, passes.plain));
    own.push(turn(getClickIdFromCookie, headers, passes.own));
  }
  const ownNs = median(own);
  const plainNs = median(others);
  const name = `${size === 4096 ? '4 KB' : `${size} B`}, cookie ${present ? 'present' : 'absent'}`;
  return { name, ownNs, plainNs, ratio: ownNs / plainNs, limit };
}

const rows = SIZES.flatMap(({ size, limit }) => [row(size, limit, true), row(size, limit, false)]);

if (process.argv.includes('--json')) {
  console.log(JSON.stringify(rows));
} else {
  console.table(
    rows.map(({ name, ownNs, plainNs, ratio, limit }) => ({
      header: name,
      'refport ns': Math.round(ownNs),
      'hand-written ns': Math.round(plainNs),
      ratio: Number(ratio.toFixed(3)),
      goal: `≤ ${limit}`,
    })),
  );
}
