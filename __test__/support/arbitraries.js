'use strict';

// Values that JavaScript can hold and texts that JSON allows, the awkward ones more often than chance would have them.

const fc = require('fast-check');

const codeUnit = fc.nat(0xffff).map((unit) => String.fromCharCode(unit));

/** Text of every sort: halves of surrogate pairs, control characters, beyond the BMP. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: codeUnit, maxLength: 12 }),
  fc.constantFrom(
    '\ud800',
    'a\udc00b',
    '\udfff\ud800',
    '\u2028\u2029',
    '\0\t\n\r\u007f',
    '\\ud800',
    '"\\',
    '😀',
    '\ufeff',
    '',
  ),
);

const filledText = text.filter((value) => value !== '');

/** Names of members; `__proto__` is one like any other to JSON. */
const name = fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'toJSON ', 'then', '0', '-1', 'clickId '));

const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(-0, 0, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, 2 ** 53, Number.NaN, -Infinity),
);

const finiteNumber = number.filter(Number.isFinite);

/** An object of these members, in this order. */
const objectOf = (/** @type {[string, unknown][]} */ members) => Object.fromEntries(members);

/** Anything that JSON.stringify takes, or leaves out. */
const { value } = fc.letrec((/** @type {fc.LetrecLooselyTypedTie} */ tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      text,
      number,
      fc.boolean(),
      fc.constantFrom(null, undefined, Symbol('left out'), () => 'left out'),
      fc.date(),
      fc.date({ noInvalidDate: false }),
      text.map((inner) => new String(inner)),
      fc.uint8Array({ maxLength: 4 }),
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }).map(objectOf),
    tie('value').map((inner) => ({ ignored: true, toJSON: () => inner })),
    tie('value').map((inner) => Object.create(null, { inner: { value: inner, enumerable: true } })),
  ),
}));

/**
 * Objects with these members and unknown ones around them, in any order.
 *
 * @param {Record<string, fc.Arbitrary<unknown>>} required
 * @param {Record<string, fc.Arbitrary<unknown>>} optional
 */
function paramsOf(required, optional) {
  const members = fc.record({ ...required, ...optional }, { requiredKeys: Object.keys(required) });
  const unknown = fc.array(fc.tuple(name, value), { maxLength: 4 });
  return fc
    .tuple(members, unknown)
    .chain(([known, others]) => {
      const all = [...others.filter(([other]) => !(other in known)), ...Object.entries(known)];
      return fc.shuffledSubarray(all, { minLength: all.length });
    })
    .map(objectOf);
}

const customer = { customerEmail: value, customerName: value, customerAvatar: value, metadata: value };
const partner = paramsOf({ email: filledText }, { name: value });

/** Valid parameters of each endpoint, by its name. */
const validParams = {
  'track.lead': paramsOf({ clickId: filledText, eventName: filledText, customerExternalId: filledText }, customer),
  'track.sale': paramsOf(
    { clickId: filledText, customerExternalId: filledText, amount: finiteNumber },
    { ...customer, currency: value, eventName: value, invoiceId: value, paymentProcessor: value },
  ),
  'embedTokens.create': fc.oneof(
    paramsOf({ tenantId: filledText }, { enrollmentId: value, partner }),
    paramsOf({ enrollmentId: filledText }, { tenantId: value }),
    paramsOf({ partner }, { tenantId: value, enrollmentId: value }),
  ),
};

const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 2 });

/** One character of a JSON string, in one of the ways to write it. */
const written = fc
  .tuple(fc.oneof(codeUnit, fc.constantFrom(...'"\\/\b\n\t~é\ud83d\ude00')), fc.nat(3))
  .map(([unit, how]) => {
    const digits = unit.charCodeAt(0).toString(16).padStart(4, '0');
    if (how === 0) return `\\u${digits}`;
    if (how === 1) return `\\u${digits.toUpperCase()}`;
    return JSON.stringify(unit).slice(1, -1);
  });
const stringText = fc.oneof(
  fc.string({ unit: written, maxLength: 8 }).map((inner) => `"${inner}"`),
  name.map((inner) => JSON.stringify(inner)),
);
const numberText = fc.oneof(
  finiteNumber.map(String),
  fc.constantFrom(
    '-0',
    '0.0',
    '1E5',
    '1e-7',
    '-1.50e+3',
    '1e400',
    '-1e400',
    '123456789012345678901234567890',
    '1e-400',
  ),
);

/**
 * @param {[string, string][]} members names and values as JSON text
 * @param {string} gap
 */
const objectText = (members, gap) =>
  `{${gap}${members.map(([key, inner]) => `${key}${gap}:${gap}${inner}${gap}`).join(`,${gap}`)}}`;

/** JSON text, written in every way the grammar has. */
const { json } = fc.letrec((/** @type {fc.LetrecLooselyTypedTie} */ tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(stringText, numberText, fc.constantFrom('true', 'false', 'null', '{}', '[]')),
    fc
      .tuple(fc.array(tie('json'), { maxLength: 4 }), space)
      .map(([items, gap]) => `[${gap}${items.join(`${gap},${gap}`)}${gap}]`),
    fc
      .tuple(fc.array(fc.tuple(stringText, /** @type {fc.Arbitrary<string>} */ (tie('json'))), { maxLength: 4 }), space)
      .map(([members, gap]) => objectText(members, gap)),
  ),
}));

/**
 * JSON text of an object with these members, unknown ones anywhere around them, and space around it all.
 *
 * @param {Record<string, unknown>} known
 */
function answerText(known) {
  const names = Object.keys(known);
  const members = fc.array(fc.tuple(stringText, json), { maxLength: 5 }).chain((others) => {
    const unknown = others.filter(([key]) => !names.includes(JSON.parse(key)));
    const all = [...unknown, ...names.map((key) => [JSON.stringify(key), JSON.stringify(known[key])])];
    return fc.shuffledSubarray(all, { minLength: all.length });
  });
  return fc
    .tuple(members, space, space, space)
    .map(([all, before, gap, after]) => before + objectText(/** @type {any} */ (all), gap) + after);
}

module.exports = { answerText, json, name, text, validParams, value };
