import * as dns from 'node:dns/promises';
import * as http from 'node:http';
import * as net from 'node:net';
import * as tls from 'node:tls';
import { withoutBrackets as bare } from '../../engine/native/proxy-environment.ts';
import type { Finding } from './finding.ts';

// The steps to the API, one after the other, on one connection. `timeout` is in milliseconds, for each step.

/** The remedy for status 407. */
export const PROXY_CREDENTIALS = 'The proxy wants credentials, or other ones: http://user:password@host:port.';

export type Socket = net.Socket | tls.TLSSocket;

/** A finding, and the connection that the next step uses. */
export interface Step {
  finding: Finding;
  socket: Socket;
}

/** A code such as `ECONNREFUSED`, or the error as text. */
export const codeOf = (error: unknown): string => String(Object(error).code ?? error);

const portOf = ({ port, protocol }: URL): number => Number(port || (protocol === 'https:' ? 443 : 80));

export async function resolve({ hostname }: URL): Promise<Finding> {
  const host = bare(hostname);
  try {
    const addresses = await dns.lookup(host, { all: true });
    return { name: 'DNS', ok: true, detail: addresses.map(({ address }) => address).join(', ') };
  } catch (error) {
    const remedy = 'Check the name, and the DNS settings of this machine.';
    return { name: 'DNS', ok: false, detail: `${host}: ${codeOf(error)}`, remedy };
  }
}

function waitForEvent(socket: Socket, event: 'connect' | 'secureConnect', timeout: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (code: string) => reject(Object.assign(new Error(code), { code }));
    socket.setTimeout(timeout, () => fail('ETIMEDOUT'));
    socket.once('close', () => fail('ECONNRESET'));
    socket.once(event, resolve).on('error', reject);
  });
}

export async function connect(url: URL, timeout: number): Promise<Step> {
  const socket = net.connect(portOf(url), bare(url.hostname));
  const start = performance.now();
  try {
    await waitForEvent(socket, 'connect', timeout);
    const detail = `${socket.remoteAddress} port ${socket.remotePort}, ${Math.ceil(performance.now() - start)} ms`;
    return { finding: { name: 'TCP', ok: true, detail }, socket };
  } catch (error) {
    const detail = `port ${portOf(url)}: ${codeOf(error)}`;
    const remedy = 'Nothing listens there, or a firewall blocks it: allow outgoing connections to this port.';
    return { finding: { name: 'TCP', ok: false, detail, remedy }, socket };
  }
}

export async function handshake(through: Socket, url: URL, timeout: number): Promise<Step> {
  const host = bare(url.hostname);
  // Verified below: only an accepted certificate can be examined.
  const options = { socket: through, rejectUnauthorized: false, ...(net.isIP(host) ? { host } : { servername: host }) };
  const socket = tls.connect(options);
  try {
    await waitForEvent(socket, 'secureConnect', timeout);
    const { issuer, valid_to } = socket.getPeerCertificate();
    const detail = `${socket.getProtocol()}, issued by ${issuer?.O ?? issuer?.CN ?? 'nobody known'}, expires ${valid_to}`;
    if (socket.authorized) return { finding: { name: 'TLS', ok: true, detail }, socket };
    const reason = codeOf(socket.authorizationError);
    const remedy = certificateRemedy(reason);
    return { finding: { name: 'TLS', ok: false, detail: `${reason}; ${detail}`, remedy }, socket };
  } catch (error) {
    const remedy = 'The server does not speak TLS, or something in between closes the connection.';
    return { finding: { name: 'TLS', ok: false, detail: codeOf(error), remedy }, socket };
  }
}

/** @param reason - a code of OpenSSL or Node.js */
function certificateRemedy(reason: string): string {
  switch (reason) {
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return "The server's certificate has to be renewed, unless the clock of this machine is wrong.";
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'The certificate is for another name: check the base URL.';
    default:
      return (
        'Its authority is not trusted. Behind a proxy that reads the traffic, or with an authority of your own, set ' +
        'NODE_EXTRA_CA_CERTS to its file, or pass the option `ca` (doctor does not see options).'
      );
  }
}

/** @param through - a connection to the proxy */
export async function tunnel(through: Socket, url: URL, proxy: URL, timeout: number): Promise<Step> {
  const target = `${url.hostname}:${portOf(url)}`;
  const options = { method: 'CONNECT', path: target, headers: { host: target, ...proxyAuthorization(proxy) } };
  try {
    const { status, socket } = await send(through, options, '', timeout);
    const detail = `to ${target}: status ${status}`;
    if (status === 200) return { finding: { name: 'tunnel', ok: true, detail }, socket };
    const remedy =
      status === 407 ? PROXY_CREDENTIALS : 'The proxy does not allow this connection: ask its operator to allow it.';
    return { finding: { name: 'tunnel', ok: false, detail, remedy }, socket };
  } catch (error) {
    const detail = `to ${target}: ${codeOf(error)}`;
    const remedy = 'This is not an HTTP proxy, or it cannot reach the API.';
    return { finding: { name: 'tunnel', ok: false, detail, remedy }, socket: through };
  }
}

export function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (!username && !password) return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}

export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
  socket: Socket;
}

/** Sends a request over an open connection. */
export function send(socket: Socket, options: http.RequestOptions, body: string, timeout: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeout);
    const request = http.request({ ...options, signal, createConnection: () => socket });
    request.on('connect', ({ statusCode = 0, headers }, tunnelled) => {
      resolve({ status: statusCode, headers, text: '', socket: tunnelled });
    });
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text, socket }));
    });
    request.on('error', (error) => reject(signal.aborted ? Object.assign(error, { code: 'ETIMEDOUT' }) : error));
    request.end(body);
  });
}
