import { once } from 'node:events';
import * as http from 'node:http';
import * as http2 from 'node:http2';
import * as https from 'node:https';
import type { Socket } from 'node:net';
import type { Settings } from '../options.ts';
import { type Certificate, createCertificate } from './certificate.ts';

/** A request of HTTP/1.1 or, through Node's compatibility layer, HTTP/2. */
export type Req = http.IncomingMessage & { stream?: http2.ServerHttp2Stream };
export type Res = http.ServerResponse<Req>;
type Handler = (req: Req, res: Res) => void;

/** The server and its connections. */
export class Listener {
  readonly ca: string | undefined;
  #server: http.Server | https.Server | http2.Http2SecureServer;
  #sockets = new Map<string, Socket>();
  #scheme: string;

  constructor({ https, http2, allowedHosts }: Settings, onRequest: Handler) {
    const certificate = https ? createCertificate(allowedHosts) : undefined;
    this.ca = certificate?.ca;
    this.#scheme = https ? 'https' : 'http';
    this.#server = createServer(certificate, http2, onRequest);
    this.#server.on('connection', (socket: Socket) => {
      const name = nameOf(socket);
      this.#sockets.set(name, socket);
      socket.on('close', () => this.#sockets.delete(name));
    });
  }

  /** Returns the address. */
  async listen(port: number): Promise<string> {
    this.#server.listen({ port, host: '127.0.0.1' });
    await once(this.#server, 'listening');
    return `${this.#scheme}://127.0.0.1:${Object(this.#server.address()).port}`;
  }

  /** Resets the request's connection. Under TLS and HTTP/2 the request's own socket is a layer that cannot. */
  drop(req: Req): void {
    this.#sockets.get(nameOf(req.socket))?.resetAndDestroy();
  }

  /** Closes the request's connection after the written data is sent. */
  closeConnection(req: Req): void {
    this.#sockets.get(nameOf(req.socket))?.destroy();
  }

  /** Ends a request without an answer. Other requests on the same HTTP/2 connection continue. */
  abort(req: Req): void {
    if (req.stream) req.stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
    else req.socket.destroy();
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets.values()) socket.destroy();
    await closed;
  }
}

function createServer(certificate: Certificate | undefined, offerHttp2: boolean, onRequest: Handler) {
  // Idle connections stay open: closing them races with the next request of a client that pools connections.
  const options = { keepAliveTimeout: 0 };
  if (!certificate) return http.createServer(options, onRequest);
  const { key, cert } = certificate;
  if (!offerHttp2) return https.createServer({ ...options, key, cert }, onRequest);
  return http2.createSecureServer({ key, cert, allowHTTP1: true }).on('request', onRequest);
}

const nameOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress}:${remotePort}`;
