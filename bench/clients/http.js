'use strict';

/** node:http or node:https with a keep-alive agent of 64 sockets. */

const { HEADERS, PATH } = require('../workers/request.js');

module.exports = {
  load: () => ({ http: require('node:http'), https: require('node:https') }),
  /** @type {import('./index.js').Connect} */
  connect({ http, https }, { baseUrl, ca }) {
    const { protocol, hostname, port, pathname } = new URL(baseUrl);
    const { Agent, request } = protocol === 'https:' ? https : http;
    const agent = new Agent({ keepAlive: true, maxSockets: 64, ca });
    const path = pathname.replace(/\/$/, '') + PATH;
    return (params) =>
      new Promise((resolve, reject) => {
        const body = JSON.stringify(params);
        const headers = { ...HEADERS, 'content-length': Buffer.byteLength(body) };
        const call = request(
          { agent, hostname, port, path, method: 'POST', headers },
          (/** @type {any} */ response) => {
            if (response.statusCode !== 200) return reject(new Error(`status ${response.statusCode}`));
            let text = '';
            response.setEncoding('utf8');
            response.on('data', (/** @type {string} */ chunk) => (text += chunk));
            response.on('end', () => resolve(JSON.parse(text)));
            response.on('error', reject);
          },
        );
        call.on('error', reject);
        call.end(body);
      });
  },
};
