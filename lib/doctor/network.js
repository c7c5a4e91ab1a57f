'use strict';

const dns = require('node:dns/promises');
const http = require('node:http');
const net = require('node:net');
const tls = require('node:tls');
const { bare } = require('../engine/proxy.js');

/**
 * The way to the API, one step after the other, on one connection.
 * @module
 */

/**
 * @typedef {import('./run.js').Finding} Finding
 * @typedef {net.Socket | tls.TLSSocket} Socket
 */

/** @param {unknown} error */
const codeOf = (error) => String(/** @type {NodeJS.ErrnoException} */ (error).code ?? error);

/** @param {URL} url */
const portOf = ({ port, protocol }) => Number(port || (protocol === 'https:' ? 443 : 80));

/** @param {URL} url @returns {Promise<Finding>} */
async function resolve({ hostname }) {
  try {
    const addresses = await dns.lookup(bare(hostname), { all: true });
    return { name: 'DNS', ok: true, detail: addresses.map(({ address }) => address).join(', ') };
  } catch (error) {
    const remedy = `Check the name, and the DNS of this machine.`;
    return { name: 'DNS', ok: false, detail: `${bare(hostname)}: ${codeOf(error)}`, remedy };
  }
}

/**
 * @template {Socket} S
 * @param {S} socket
 * @param {string} event that says that it is connected
 * @param {number} patience milliseconds
 * @returns {Promise<S>}
 */
function connected(socket, event, patience) {
  return new Promise((done, fail) => {
    const late = () => fail(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }));
    socket.setTimeout(patience, late);
    socket.once(event, () => done(socket)).on('error', fail);
    socket.once('close', () => fail(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  });
}

/**
 * @param {URL} url
 * @param {number} patience
 * @returns {Promise<{ finding: Finding, socket: Socket }>}
 */
async function connect(url, patience) {
  const socket = net.connect(portOf(url), bare(url.hostname));
  const start = performance.now();
  try {
    await connected(socket, 'connect', patience);
    const detail = `${socket.remoteAddress} port ${socket.remotePort}, ${Math.ceil(performance.now() - start)} ms`;
    return { finding: { name: 'TCP', ok: true, detail }, socket };
  } catch (error) {
    const remedy = 'Nothing listens there, or a firewall is in between: outgoing connections to it have to be allowed.';
    return {
      finding: { name: 'TCP', ok: false, detail: `port ${portOf(url)}: ${codeOf(error)}`, remedy },
      socket,
    };
  }
}

/**
 * @param {Socket} through
 * @param {URL} url
 * @param {number} patience
 * @returns {Promise<{ finding: Finding, socket: Socket }>}
 */
async function handshake(through, url, patience) {
  const host = bare(url.hostname);
  // Verified below: what is wrong with a certificate can only be seen of one that is let in.
  const options = { socket: through, rejectUnauthorized: false, ...(net.isIP(host) ? { host } : { servername: host }) };
  const socket = tls.connect(options);
  try {
    await connected(socket, 'secureConnect', patience);
    const { issuer, valid_to } = socket.getPeerCertificate();
    const detail = `${socket.getProtocol()}, issued by ${issuer?.O ?? issuer?.CN ?? 'nobody known'}, expires ${valid_to}`;
    if (socket.authorized) return { finding: { name: 'TLS', ok: true, detail }, socket };
    const reason = codeOf(socket.authorizationError);
    return { finding: { name: 'TLS', ok: false, detail: `${reason}; ${detail}`, remedy: remedyFor(reason) }, socket };
  } catch (error) {
    const remedy = 'The server does not speak TLS, or something in between cuts it off.';
    return { finding: { name: 'TLS', ok: false, detail: codeOf(error), remedy }, socket };
  }
}

/** @param {string} reason of OpenSSL or Node */
function remedyFor(reason) {
  switch (reason) {
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return "The server's certificate has to be renewed, unless the clock of this machine is wrong.";
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'The certificate is for another name: check the base URL.';
    default:
      return (
        'Its authority is not trusted. Behind a proxy that reads the traffic, or with an authority of your own, set ' +
        'NODE_EXTRA_CA_CERTS to its file, or pass the option `ca` (which is not seen from here).'
      );
  }
}

/**
 * @param {Socket} through a connection to the proxy
 * @param {URL} url
 * @param {URL} proxy
 * @param {number} patience
 * @returns {Promise<{ finding: Finding, socket: Socket }>}
 */
async function tunnel(through, url, proxy, patience) {
  const target = `${url.hostname}:${portOf(url)}`;
  const options = { method: 'CONNECT', path: target, headers: { host: target, ...authorization(proxy) } };
  try {
    const { status, socket } = await send(through, options, '', patience);
    const detail = `to ${target}: status ${status}`;
    if (status === 200) return { finding: { name: 'tunnel', ok: true, detail }, socket };
    const remedy =
      status === 407
        ? 'The proxy wants credentials, or others: http://user:password@host:port.'
        : 'The proxy does not let this through: ask whoever runs it to allow it.';
    return { finding: { name: 'tunnel', ok: false, detail, remedy }, socket };
  } catch (error) {
    const remedy = 'What listens there is no HTTP proxy, or one that cannot reach the API.';
    return {
      finding: { name: 'tunnel', ok: false, detail: `to ${target}: ${codeOf(error)}`, remedy },
      socket: through,
    };
  }
}

/** @param {URL} proxy @returns {Record<string, string>} */
function authorization({ username, password }) {
  if (!username && !password) return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}

/**
 * Sends a request over a connection that there is.
 *
 * @param {Socket} socket
 * @param {http.RequestOptions} options
 * @param {string} body
 * @param {number} patience
 * @returns {Promise<{ status: number, headers: http.IncomingHttpHeaders, text: string, socket: Socket }>}
 */
function send(socket, options, body, patience) {
  return new Promise((done, fail) => {
    const signal = AbortSignal.timeout(patience);
    const request = http.request({ ...options, signal, createConnection: () => socket });
    request.on('connect', ({ statusCode = 0, headers }, tunnelled) => {
      done({ status: statusCode, headers, text: '', socket: tunnelled });
    });
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('error', fail);
      response.on('end', () => done({ status: response.statusCode ?? 0, headers: response.headers, text, socket }));
    });
    request.on('error', (error) => fail(signal.aborted ? Object.assign(error, { code: 'ETIMEDOUT' }) : error));
    request.end(body);
  });
}

module.exports = { authorization, codeOf, connect, handshake, resolve, send, tunnel };
