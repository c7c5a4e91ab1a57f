'use strict';

/** Global fetch with JSON both ways, as the thin JavaScript SDK does it. Trusts the CA through NODE_EXTRA_CA_CERTS. */

const { API_KEY, PATH } = require('../workers/request.js');

module.exports = {
  load: () => ({}),
  /** @type {import('./index.js').Connect} */
  connect(_, { baseUrl }) {
    return async (params) => {
      const response = await fetch(`${baseUrl}${PATH}`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${API_KEY}`, 'Content-Type': 'application/json' },
        body: JSON.stringify(params),
      });
      if (!response.ok) throw new Error(`status ${response.status}`);
      return response.json();
    };
  },
};
