'use strict';

/** This package over the runtime's own fetch, as where there is no addon. Trusts the CA through NODE_EXTRA_CA_CERTS. */

const { built } = require('../built.js');
const { API_KEY } = require('../workers/request.js');

module.exports = {
  load() {
    process.env.REFPORT_ENGINE = 'fetch';
    return built();
  },
  /** @type {import('./index.js').Connect} */
  connect({ Refport }, { baseUrl }) {
    return new Refport({ apiKey: API_KEY, baseUrl }).track.lead;
  },
};
