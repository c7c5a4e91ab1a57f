'use strict';

const dns = require('node:dns/promises');
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const tls = require('node:tls');

/**
 * The way to the API, one step after the other, and whether it accepts the key.
 * @module
 */

/** @typedef {import('./run.js').Finding} Finding */

/** Milliseconds for each step. */
const PATIENCE = 10_000;

/** @param {unknown} error */
const codeOf = (error) => /** @type {NodeJS.ErrnoException} */ (error).code ?? String(error);

/** @param {URL} url */
const hostOf = (url) => url.hostname.replace(/^\[|\]$/g, '');

/** @param {URL} url */
const portOf = (url) => Number(url.port || (url.protocol === 'https:' ? 443 : 80));

/** @param {URL} url @returns {Promise<Finding>} */
async function resolve(url) {
  try {
    const addresses = await dns.lookup(hostOf(url), { all: true });
    return { name: 'DNS', ok: true, detail: addresses.map(({ address }) => address).join(', ') };
  } catch (error) {
    const remedy = `Check the host name of the base URL and this machine's DNS.`;
    return { name: 'DNS', ok: false, detail: `${hostOf(url)}: ${codeOf(error)}`, remedy };
  }
}

/**
 * @param {net.Socket} socket
 * @param {string} event that says that it is connected
 * @returns {Promise<void>}
 */
function connected(socket, event) {
  return new Promise((done, fail) => {
    socket.setTimeout(PATIENCE, () => fail(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    socket.once(event, () => done()).on('error', fail);
  });
}

/** @param {URL} url @returns {Promise<Finding>} */
async function connect(url) {
  const socket = net.connect(portOf(url), hostOf(url));
  const start = performance.now();
  try {
    await connected(socket, 'connect');
    const detail = `${socket.remoteAddress} port ${socket.remotePort}, ${Math.ceil(performance.now() - start)} ms`;
    return { name: 'TCP', ok: true, detail };
  } catch (error) {
    const remedy = 'Nothing listens there, or a firewall is in between: outgoing connections to it have to be allowed.';
    return { name: 'TCP', ok: false, detail: `port ${portOf(url)}: ${codeOf(error)}`, remedy };
  } finally {
    socket.destroy();
  }
}

/** @param {URL} url @returns {Promise<Finding>} */
async function handshake(url) {
  const host = hostOf(url);
  const servername = net.isIP(host) ? undefined : host;
  // Nothing is sent: it is to be seen what is wrong with a certificate that is not trusted.
  const socket = tls.connect({ port: portOf(url), host, ...(servername && { servername }), rejectUnauthorized: false });
  try {
    await connected(socket, 'secureConnect');
    const { issuer, valid_to } = socket.getPeerCertificate();
    const detail = `${socket.getProtocol()}, issued by ${issuer?.O ?? issuer?.CN ?? 'nobody known'}, expires ${valid_to}`;
    if (socket.authorized) return { name: 'TLS', ok: true, detail };
    const remedy =
      'Node.js does not trust this certificate. Behind a proxy that reads the traffic, set NODE_EXTRA_CA_CERTS to the ' +
      "file of its authority, or pass the option `ca`; otherwise the server's certificate has to be renewed.";
    return { name: 'TLS', ok: false, detail: `${codeOf(socket.authorizationError)}; ${detail}`, remedy };
  } catch (error) {
    const remedy = 'The server does not speak TLS, or something in between cuts it off.';
    return { name: 'TLS', ok: false, detail: codeOf(error), remedy };
  } finally {
    socket.destroy();
  }
}

/**
 * Asks for an embed token for nobody, which can create nothing: who has the right key is told that it is invalid.
 *
 * @param {URL} url
 * @param {string} apiKey
 * @returns {Promise<Finding>}
 */
async function acceptance(url, apiKey) {
  const name = 'key accepted';
  try {
    const { status, location } = await post(`${url.origin}${url.pathname.replace(/\/+$/, '')}/api/embed/token`, apiKey);
    if (status === 401) {
      const remedy = 'Use a key of this workspace, for this base URL; it may have been revoked.';
      return { name, ok: false, detail: 'no: the API answered 401', remedy };
    }
    if (status === 422) return { name, ok: true, detail: 'yes' };
    if (location) {
      const remedy = 'Set REFPORT_BASE_URL to where it leads: redirects are not followed, they would lose the request.';
      return { name, ok: false, detail: `status ${status}, a redirect to ${location}`, remedy };
    }
    return { name, ok: null, detail: `can't be told: status ${status}` };
  } catch (error) {
    return { name, ok: null, detail: `can't be told: ${codeOf(error)}` };
  }
}

/**
 * @param {string} url
 * @param {string} apiKey
 * @returns {Promise<{ status: number | undefined, location: string | undefined }>}
 */
function post(url, apiKey) {
  const { request } = url.startsWith('https:') ? https : http;
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', connection: 'close' };
  return new Promise((done, fail) => {
    const signal = AbortSignal.timeout(PATIENCE);
    const sent = request(url, { method: 'POST', headers, signal, agent: false }, (response) => {
      response.resume();
      const { statusCode: status = 0, headers: answered } = response;
      done({ status, location: status >= 300 && status < 400 ? answered.location : undefined });
    });
    sent.on('error', fail).end('{}');
  });
}

module.exports = { acceptance, connect, handshake, resolve };
