'use strict';

// The servers of the chaos suite, in a process of their own: an API over HTTP/1.1, HTTPS and HTTP/2 that keeps a ledger of
// what it counted, and while chaos lasts answers by chance, loses connections by chance, and restarts now and then.
// It takes its orders over IPC: `chaos`, `calm` (with what was counted for an answer) and `seen`.

const { once } = require('node:events');
const http2 = require('node:http2');
const { answerTo } = require('../call-kinds.js');
const { draw, http1, http2: http2Chances } = require('../chaos-faults.js');
const { ok } = require('../fault-behaviours.js');
const { startFaultServer } = require('../fault-server.js');
const { trustedAuthority } = require('../tls-certificates.js');
const { loadSource } = require('../source.js');

const { createRandom } = loadSource('sandbox/random.ts');
const random = createRandom(Number(process.argv[2]));

/** In calm weather every answer takes this long, in milliseconds, so that concurrency can be seen. */
const CALM_DELAY = 50;
/** Between two connections that are lost by chance. */
const LOSS_INTERVAL = 60;
const RESTART_INTERVAL = 1_500;

let chaos = false;
/** How often each conversion was counted, by its `customerExternalId`. @type {Map<string, number>} */
let ledger = new Map();
const inFlight = { plain: 0, secure: 0, h2: 0 };
let peak = { ...inFlight };

/** @param {string} body */
function count(body) {
  const { customerExternalId } = JSON.parse(body);
  ledger.set(customerExternalId, (ledger.get(customerExternalId) ?? 0) + 1);
}

/** @param {keyof typeof inFlight} name */
async function calmly(name) {
  inFlight[name] += 1;
  peak[name] = Math.max(peak[name], inFlight[name]);
  await new Promise((resolve) => setTimeout(resolve, CALM_DELAY));
  inFlight[name] -= 1;
}

/**
 * @param {'plain' | 'secure'} name
 * @param {{ key: string, cert: string } | undefined} certificate
 */
async function startHttp1(name, certificate) {
  /** @type {import('../fault-behaviours.js').Fault} */
  const calmOk = {
    name: 'ok',
    onRequest: (exchange) => {
      count(exchange.request.body);
      calmly(name).then(() => ok().onRequest(exchange));
    },
  };
  /** @returns {import('../fault-behaviours.js').Fault} */
  const otherwise = () => {
    if (!chaos) return calmOk;
    const { counts, fault } = draw(http1, random);
    if (!counts || !fault.onRequest) return fault;
    return {
      name: fault.name,
      onRequest: (exchange) => {
        count(exchange.request.body);
        fault.onRequest?.(exchange);
      },
    };
  };
  const server = await startFaultServer([], { otherwise, remember: false, ...(certificate && { tls: certificate }) });
  const { port } = server;
  return {
    url: server.url,
    loseOne: () => server.loseOne(random),
    restart: async () => {
      await server.close();
      await server.listen(port);
    },
  };
}

/** @param {{ key: string, cert: string }} certificate */
async function startHttp2(certificate) {
  const sessions = new Set();
  /** The TCP connections under them: ended there, since destroying sessions under load crashes Node 20's own HTTP/2. */
  const sockets = new Set();
  /**
   * @param {import('node:http2').ServerHttp2Stream} stream
   * @param {import('node:http2').IncomingHttpHeaders} headers
   */
  const onStream = async (stream, headers) => {
    const path = headers[':path'] ?? '';
    stream.on('error', () => {});
    const chance = chaos ? draw(http2Chances, random) : null;
    if (chance && !chance.counts) return chance.fault(stream, path);
    let body = '';
    stream.setEncoding('utf8').on('data', (chunk) => {
      body += chunk;
    });
    await once(stream, 'end').catch(() => {});
    if (stream.destroyed) return;
    count(body);
    if (!chance) await calmly('h2');
    if (stream.destroyed) return;
    if (chance) return chance.fault(stream, path);
    stream.respond({ ':status': 200 });
    stream.end(answerTo(path));
  };

  /** @param {number} port */
  const listen = async (port) => {
    const server = http2.createSecureServer(certificate);
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    server.on('session', (session) => {
      sessions.add(session);
      session.on('error', () => {});
      session.once('close', () => sessions.delete(session));
    });
    server.on('stream', onStream);
    server.on('sessionError', () => {});
    server.on('tlsClientError', () => {});
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  let server = await listen(0);
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `https://127.0.0.1:${port}`,
    /** Half of them are told to go, and may finish; the other half are just gone. */
    loseOne: () => {
      if (random() < 0.5) [...sessions][Math.floor(random() * sessions.size)]?.close();
      else [...sockets][Math.floor(random() * sockets.size)]?.resetAndDestroy();
    },
    restart: async () => {
      server.close();
      for (const socket of sockets) socket.resetAndDestroy();
      await once(server, 'close');
      server = await listen(port);
    },
  };
}

async function main() {
  const authority = await trustedAuthority();
  const servers = {
    plain: await startHttp1('plain', undefined),
    secure: await startHttp1('secure', await authority.usual()),
    h2: await startHttp2(await authority.usual()),
  };
  const all = Object.values(servers);
  /** @param {(server: (typeof all)[number]) => unknown} value */
  const perServer = (value) =>
    Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, value(server)]));

  /** @type {NodeJS.Timeout[]} */
  let monkeys = [];
  let restarting = Promise.resolve();
  const orders = {
    chaos: () => {
      chaos = true;
      ledger = new Map();
      monkeys = [
        setInterval(() => all[Math.floor(random() * all.length)].loseOne(), LOSS_INTERVAL),
        setInterval(() => {
          const server = all[Math.floor(random() * all.length)];
          restarting = restarting.then(() => server.restart());
        }, RESTART_INTERVAL),
      ];
      return {};
    },
    calm: async () => {
      for (const monkey of monkeys) clearInterval(monkey);
      chaos = false;
      await restarting;
      return { ledger: [...ledger] };
    },
    seen: () => {
      const seen = { peak };
      peak = { plain: 0, secure: 0, h2: 0 };
      return seen;
    },
  };
  process.on('message', async (/** @type {keyof typeof orders} */ order) => process.send?.(await orders[order]()));
  process.on('disconnect', () => process.exit());
  process.send?.({ urls: perServer((server) => server.url), ca: authority.ca });
}

main();
