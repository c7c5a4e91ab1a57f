'use strict';

/** Runs one scenario: every client once per round, each in a fresh process, so that noise meets all of them alike. */

const path = require('node:path');
const { execFile } = require('node:child_process');
const { promisify } = require('node:util');
const { busyCores } = require('./quiet.js');

const run = promisify(execFile);
/** A run takes seconds; this is for a machine so busy that its figures are worth nothing anyway. */
const RUN_LIMIT_MS = 300_000;
/** More than what an idle system does by itself. */
const BUSY_CORES = 0.2;

// What a shell has set up for its own sake would weigh on some clients only: extra CAs are read by Node and by refport.
const { NODE_EXTRA_CA_CERTS, NODE_OPTIONS, SSL_CERT_FILE, SSL_CERT_DIR, ...ENVIRONMENT } = process.env;

/** @typedef {import('./scenarios.js').Scenario} Scenario */
/** @typedef {import('./scenarios.js').Effort} Effort */
/** @typedef {import('./server.js').Server} Server */
/** @typedef {Record<string, number>} Sample figures of one run, by name; absent when they do not apply */
/** @typedef {Record<string, Sample[]>} Samples by client */

/**
 * @param {Scenario} scenario
 * @param {Effort} effort
 */
function roundsOf(scenario, { rounds, coldRounds }) {
  return scenario.kind === 'cold-start' ? coldRounds : rounds;
}

/**
 * @param {Scenario} scenario
 * @param {Effort} effort
 * @param {{ server: Server, limitBinary: string, progress: (client: string, round: number, sample: Sample) => void }} context
 * @returns {Promise<Samples>}
 */
async function runScenario(scenario, effort, { server, limitBinary, progress }) {
  /** @type {Samples} */
  const samples = Object.fromEntries(scenario.clients.map((name) => [name, []]));
  for (let round = 1; round <= roundsOf(scenario, effort); round++) {
    // Forth and back, so that nobody always follows the same neighbour.
    const order = round % 2 ? scenario.clients : scenario.clients.toReversed();
    for (const client of order) {
      const sample = await runUndisturbed(scenario, client, effort, server, limitBinary);
      samples[client].push(sample);
      progress(client, round, sample);
    }
  }
  return samples;
}

/**
 * Discards sequential runs on a busy machine, and repeats them: how long an idle core takes to wake up dominates them, so
 * that the same addon has a p50 of 35 or of 102 µs.
 *
 * @param {Scenario} scenario
 * @param {string} client
 * @param {Effort} effort
 * @param {Server} server
 * @param {string} limitBinary
 * @returns {Promise<Sample>}
 * @throws {Error} if the machine stays busy
 */
async function runUndisturbed(scenario, client, effort, server, limitBinary) {
  const once = () => runOnce(scenario, client, effort, server, limitBinary);
  if (scenario.concurrency !== 1 || effort.quietTries === 0) return once();
  for (let tries = 0; tries < effort.quietTries; tries++) {
    const before = await busyCores();
    const sample = await once();
    const busy = Math.max(before, await busyCores());
    if (busy <= BUSY_CORES) return sample;
    process.stderr.write(`discarded: ${client}, ${scenario.title}: others use ${busy.toFixed(1)} cores\n`);
  }
  throw new Error('the machine is too busy for sequential calls; leave it alone, or name other scenarios with --only');
}

/**
 * @param {Scenario} scenario
 * @param {string} client
 * @param {Effort} effort
 * @param {Server} server
 * @param {string} limitBinary
 * @returns {Promise<Sample>}
 */
async function runOnce(scenario, client, effort, server, limitBinary) {
  const { command, args, env } = commandFor(scenario, client, effort, server, limitBinary);
  await server.reset();
  const started = process.hrtime.bigint();
  const { stdout } = await run(command, args, { env, timeout: RUN_LIMIT_MS }).catch(({ killed, stderr }) => {
    throw new Error(`${client}, ${scenario.title}: ${killed ? 'did not end' : stderr}`);
  });
  const wallMs = Number(process.hrtime.bigint() - started) / 1e6;
  const stats = await server.stats();
  const figures = JSON.parse(stdout);
  /** @type {Sample} */
  const sample = { wallMs, connections: stats.opened };
  for (const [name, value] of Object.entries(figures)) {
    if (typeof value === 'number') sample[name] = value;
  }
  if (sample.callsPerSecond && stats.requests) {
    sample.serverBusy = ((stats.cpuMs / stats.requests) * sample.callsPerSecond) / 1e3;
  }
  return sample;
}

/**
 * @param {Scenario} scenario
 * @param {string} client
 * @param {Effort} effort
 * @param {Server} server
 * @param {string} limitBinary
 */
function commandFor(scenario, client, { warmMs, measureMs }, server, limitBinary) {
  const { kind, scheme, path: prefix = '', concurrency = 1, limitClients = 1 } = scenario;
  const baseUrl = server[scheme] + prefix;
  const tls = scheme === 'tls';
  if (client === 'limit') {
    const args = [kind, baseUrl, tls ? server.caFile : '-', concurrency, warmMs, measureMs, limitClients].map(String);
    return { command: limitBinary, args, env: ENVIRONMENT };
  }
  const target = tls ? { baseUrl, ca: server.ca } : { baseUrl };
  const argument = JSON.stringify({ client, target, concurrency, warmMs, measureMs });
  return {
    command: process.execPath,
    args: [path.join(__dirname, 'workers', `${kind}.js`), argument],
    // Global fetch has no other way to be given a CA.
    env:
      ['fetch', 'refport-fetch'].includes(client) && tls
        ? { ...ENVIRONMENT, NODE_EXTRA_CA_CERTS: server.caFile }
        : ENVIRONMENT,
  };
}

module.exports = { runScenario, roundsOf };
