'use strict';

const { HEADERS, PATH } = require('../workers/request.js');

/**
 * One lead over an undici dispatcher.
 * @param {any} agent
 * @param {import('./index.js').Target} target
 * @param {object} extra more request options
 * @returns {import('./index.js').Call}
 */
function caller(agent, { baseUrl }, extra) {
  const { origin, pathname } = new URL(baseUrl);
  const path = pathname.replace(/\/$/, '') + PATH;
  return async (params) => {
    const { statusCode, body } = await agent.request({
      origin,
      path,
      method: 'POST',
      headers: HEADERS,
      body: JSON.stringify(params),
      ...extra,
    });
    if (statusCode !== 200) throw new Error(`status ${statusCode}`);
    return JSON.parse(await body.text());
  };
}

module.exports = { caller };
