'use strict';

const NAMES = ['REFPORT_API_KEY', 'REFPORT_BASE_URL'];

/**
 * Runs `body`, which must be synchronous, with these of the SDK's environment variables and no others.
 *
 * @template T
 * @param {Record<string, string>} variables
 * @param {() => T} body
 * @returns {T}
 */
function withEnvironment(variables, body) {
  const before = NAMES.map((name) => [name, process.env[name]]);
  const set = (/** @type {string} */ name, /** @type {string | undefined} */ value) => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  for (const name of NAMES) set(name, variables[name]);
  try {
    return body();
  } finally {
    for (const [name, value] of before) set(/** @type {string} */ (name), value);
  }
}

module.exports = { withEnvironment };
