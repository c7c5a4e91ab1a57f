'use strict';

// Values that fight back. fast-check looks at what it generates, so it generates recipes (plain data, which it can also
// shrink and print), and `build` makes the values of them.

const fc = require('fast-check');

const fail = () => {
  throw new Error('hostile');
};

/** Fails whatever is done to it. */
const failing = new Proxy(class {}, {
  get: fail,
  has: fail,
  ownKeys: fail,
  getOwnPropertyDescriptor: fail,
  getPrototypeOf: fail,
  apply: fail,
});

function revoked() {
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  return proxy;
}

/** Whose owner has taken notice. */
function rejected() {
  const promise = Promise.reject(new Error('hostile'));
  promise.catch(() => {});
  return promise;
}

/** @type {Record<string, () => unknown>} */
const specials = {
  failing: () => failing,
  revoked,
  'fails when called': () => fail,
  'fails later when called': () => async () => fail(),
  'a rejected promise': rejected,
  'text that fails': () => ({ toString: fail, valueOf: fail, [Symbol.toPrimitive]: fail }),
  'an endless array': () => new Array(2 ** 32 - 1),
  'an endless proxy': () =>
    new Proxy([], { get: (_, key) => (key === 'length' ? Number.POSITIVE_INFINITY : undefined) }),
  'an array of no length': () => new Proxy([], { get: () => Symbol('length') }),
  'a symbol': () => Symbol('refp_id=a'),
};

/** @type {Record<string, () => object>} */
const containers = {
  object: () => ({}),
  'object without a prototype': () => Object.create(null),
  array: () => [],
  Map: () => new Map(),
  Headers: () => new Headers(),
  function: () => () => {},
};

/** What a request is asked for. */
const keys = fc.constantFrom(
  ...['cookies', 'headers', 'multiValueHeaders', 'req', 'request', 'node', 'raw', 'header', 'get', 'append'],
  ...['cookie', 'Cookie', 'COOKIE', 'refp_id', 'value', 'length', '0', 'then', 'catch', 'constructor', 'keys'],
);

/**
 * @typedef {{ value: unknown } | { special: string } | { returns: Recipe } |
 *   { container: string, entries: [key: string, recipe: Recipe, how: string][] }} Recipe
 */

/** @type {{ recipe: fc.Arbitrary<Recipe> }} */
const { recipe } = fc.letrec((tie) => ({
  recipe: fc.oneof(
    { depthSize: 'medium' },
    fc.oneof(fc.anything(), fc.constantFrom('refp_id=a', 'a', '%', '"', '')).map((value) => ({ value })),
    fc.constantFrom(...Object.keys(specials)).map((special) => ({ special })),
    fc.record({ returns: tie('recipe') }),
    fc.record({
      container: fc.constantFrom(...Object.keys(containers)),
      entries: fc.array(fc.tuple(keys, tie('recipe'), fc.constantFrom('value', 'getter', 'failing getter'))),
    }),
  ),
}));

/**
 * @param {Recipe} recipe
 * @returns {unknown}
 */
function build(recipe) {
  if ('value' in recipe) return recipe.value;
  if ('special' in recipe) return specials[recipe.special]?.();
  if ('returns' in recipe) return () => build(recipe.returns);
  const container = /** @type {() => object} */ (containers[recipe.container])();
  for (const [key, of, how] of recipe.entries) {
    const value = build(of);
    const get = how === 'getter' ? () => value : fail;
    // An array has opinions on its length.
    if (key === 'length' && Array.isArray(container)) continue;
    Reflect.defineProperty(container, key, how === 'value' ? { value, enumerable: true } : { get, enumerable: true });
    if (container instanceof Map) Map.prototype.set.call(container, key, value);
  }
  return container;
}

module.exports = { build, fail, failing, recipe, revoked };
