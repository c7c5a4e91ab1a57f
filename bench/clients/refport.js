'use strict';

/** This package, as a host uses it. */

const { built } = require('../built.js');
const { API_KEY } = require('../workers/request.js');

module.exports = {
  load: () => built(),
  /** @type {import('./index.js').Connect} */
  connect({ Refport }, { baseUrl, ca }) {
    const refport = new Refport({ apiKey: API_KEY, baseUrl, ca });
    return refport.track.lead;
  },
};
