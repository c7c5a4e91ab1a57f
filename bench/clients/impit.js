'use strict';

/** The closest package on npm: reqwest behind napi, one async call into Rust per request. */

const { HEADERS, PATH } = require('../workers/request.js');

module.exports = {
  load: () => require('impit'),
  /** @type {import('./index.js').Connect} */
  connect({ Impit }, { baseUrl }) {
    // It takes no CA, so it is spared the verification that everybody else does.
    const client = new Impit({ ignoreTlsErrors: true });
    return async (params) => {
      const response = await client.fetch(`${baseUrl}${PATH}`, {
        method: 'POST',
        headers: HEADERS,
        body: JSON.stringify(params),
      });
      if (response.status !== 200) throw new Error(`status ${response.status}`);
      return response.json();
    };
  },
};
