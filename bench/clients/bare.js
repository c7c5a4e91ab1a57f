'use strict';

/** No client at all: what Node itself takes. */

module.exports = {
  load: () => ({}),
  /** @type {() => null} */
  connect: () => null,
};
