'use strict';

/**
 * `#observe` where there is no node:diagnostics_channel: nobody can watch calls.
 * @module
 */

const isObserved = () => false;

/** @returns {never} */
function observe() {
  throw new Error('Nobody watches.');
}

module.exports = { isObserved, observe };
