'use strict';

/** This package, as a host uses it. */

const { API_KEY } = require('../workers/request.js');

module.exports = {
  load: () => require('refport'),
  /** @type {import('./index.js').Connect} */
  connect({ Refport }, { baseUrl, ca }) {
    const refport = new Refport({ apiKey: API_KEY, baseUrl, ca });
    return refport.track.lead;
  },
};
