'use strict';

const { RefportValidationError } = require('../errors.js');

/**
 * `#engine` in bundles for browsers, where there must be no client.
 * @module
 */

/** @returns {never} */
function engine() {
  throw new RefportValidationError(
    'new Refport() is refused in a browser: everybody could read the API key there. Report from your server, and use ' +
      'refport-js in the browser; getClickIdFromCookie works here too',
  );
}

/** @returns {import('./engine').Engine['name']} */
const engineName = () => 'fetch';

module.exports = { engine, engineName };
