'use strict';

/**
 * The few types of ASN.1 that a certificate is made of, in their DER encoding (ITU-T X.690).
 */

/**
 * @param {number} tag
 * @param {...Buffer} parts
 */
function element(tag, ...parts) {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), encodeLength(content.length), content]);
}

/** @param {number} length */
function encodeLength(length) {
  if (length < 0x80) return Buffer.from([length]);
  if (length < 0x100) return Buffer.from([0x81, length]);
  return Buffer.from([0x82, length >> 8, length & 0xff]);
}

/** @param {...Buffer} parts */
const sequence = (...parts) => element(0x30, ...parts);
/** @param {...Buffer} parts */
const set = (...parts) => element(0x31, ...parts);
/** @param {Buffer} content */
const octets = (content) => element(0x04, content);
/** @param {string} text */
const utf8 = (text) => element(0x0c, Buffer.from(text));
const yes = element(0x01, Buffer.from([0xff]));

/**
 * @param {number} index
 * @param {...Buffer} parts
 */
const explicit = (index, ...parts) => element(0xa0 | index, ...parts);

/**
 * @param {number} index
 * @param {Buffer} content
 */
const implicit = (index, content) => element(0x80 | index, content);

/** @param {Buffer} bytes a positive number, most significant byte first */
const integer = (bytes) => element(0x02, (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);

/**
 * @param {Buffer} content
 * @param {number} [unused] bits at the end that do not count
 */
const bits = (content, unused = 0) => element(0x03, Buffer.from([unused]), content);

/** @param {Date} date in a year up to 2049; later ones have another type */
const time = (date) => element(0x17, Buffer.from(`${date.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));

/** @param {string} dotted */
function identifier(dotted) {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** @param {number} number */
function base128(number) {
  const groups = [number & 0x7f];
  for (let left = number >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
  return groups;
}

module.exports = { sequence, set, octets, utf8, yes, explicit, implicit, integer, bits, time, identifier };
