'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');

/**
 * Starts and ends the processes of examples.
 * @module
 */

/** Timeouts, in ms. */
const TIMEOUT = { start: 60_000, stop: 15_000, command: 600_000 };

/** What a server writes when it listens. */
const ADDRESS = /https?:\/\/[\w.[\]:]+:\d+/;

/** Variables that change what an example does. */
const CLEARED =
  /^(https?_proxy|no_proxy|all_proxy|node_.*|npm_.*|refport_.*|redis_url|database_url|otel_.*|port|host)$/i;

/**
 * @typedef {object} App
 * @property {string} url without trailing slash
 * @property {() => string} output everything it has written
 * @property {<T>(promise: Promise<T>) => Promise<T>} explain adds its output to the error, if there is one
 * @property {(exitCode?: number) => Promise<void>} stop asks it to end and waits; fails if it does not end of itself, with
 *   this code (0 by default)
 */

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/**
 * What an example gets of this process's environment.
 *
 * @param {Record<string, string>} [more]
 * @returns {NodeJS.ProcessEnv}
 */
const exampleEnvironment = (more) => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !CLEARED.test(name))),
  // Neither a build nor a server may need another machine.
  NEXT_TELEMETRY_DISABLED: '1',
  BETTER_AUTH_TELEMETRY: '0',
  ...more,
});

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} env
 */
function start(command, args, cwd, env) {
  // In a process group of its own, so that what it starts can be ended with it.
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
    });
  }
  const closed = once(child, 'close').finally(() => running.delete(child));
  // A failure to start is reported to whoever awaits it; until then it must not count as unhandled.
  closed.catch(() => {});
  return { child, closed, output: () => output };
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function signalGroup(child, signal) {
  try {
    if (child.pid) process.kill(-child.pid, signal);
  } catch (error) {
    // It ended by itself in the meantime.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
  }
}

/**
 * Runs a command to its end.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string>} its output
 * @throws {Error} with its output, if it fails
 */
async function run(command, args, cwd, env = exampleEnvironment()) {
  const { child, closed, output } = start(command, args, cwd, env);
  const guard = setTimeout(() => signalGroup(child, 'SIGKILL'), TIMEOUT.command);
  const [code, signal] = await closed.finally(() => clearTimeout(guard));
  if (code === 0) return output();
  throw new Error(`"${[command, ...args].join(' ')}" ended with ${signal ?? code}:\n${output()}`);
}

/**
 * Starts what the `start` script (or another) of an example starts, and waits until it says where it listens.
 *
 * @param {string} folder of the example
 * @param {Record<string, string>} env
 * @param {{ script?: string, ready?: RegExp }} [options] `ready` is what it writes when it is ready, if that is not its
 *   address
 * @returns {Promise<App>}
 */
async function serve(folder, env, { script = 'start', ready = ADDRESS } = {}) {
  const { scripts } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const [command = '', ...args] = scripts[script].split(' ');
  // Without npm and its shell in between, whose exit code and signals would be theirs.
  const commands = [folder, path.dirname(folder)].map((place) => path.join(place, 'node_modules', '.bin'));
  const PATH = [...commands, path.dirname(process.execPath), process.env.PATH].join(path.delimiter);
  return daemon(command, args, folder, { PORT: '0', HOST: '127.0.0.1', ...env, PATH }, ready);
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @param {Record<string, string>} env
 * @param {RegExp} ready
 * @returns {Promise<App>}
 */
async function daemon(command, args, cwd, env, ready) {
  const { child, closed, output } = start(command, args, cwd, exampleEnvironment(env));
  const ended = closed.then(() => Promise.reject(new Error(`${command} ended before it was ready:\n${output()}`)));
  const first = await Promise.race([said(child, output, ready), ended]);
  ended.catch(() => {});
  return {
    url: first.replace('localhost', '127.0.0.1'),
    output,
    explain: (promise) =>
      promise.catch((error) => {
        throw new Error(`${error.message}\n${command} wrote:\n${output()}`, { cause: error });
      }),
    async stop(exitCode = 0) {
      const guard = setTimeout(() => signalGroup(child, 'SIGKILL'), TIMEOUT.stop);
      child.kill('SIGTERM');
      const [code, signal] = await closed.finally(() => clearTimeout(guard));
      if (code !== exitCode) {
        throw new Error(`After SIGTERM, ${command} ended with ${signal ?? code} instead of ${exitCode}:\n${output()}`);
      }
    },
  };
}

/**
 * Waits until a process has written what is looked for.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @param {() => string} output
 * @param {RegExp} pattern
 * @returns {Promise<string>} what matched
 */
function said(child, output, pattern) {
  return new Promise((resolve, reject) => {
    const guard = setTimeout(
      () => reject(new Error(`It did not say ${pattern} within ${TIMEOUT.start} ms:\n${output()}`)),
      TIMEOUT.start,
    );
    const look = () => {
      const match = pattern.exec(output())?.[0];
      if (match === undefined) return;
      clearTimeout(guard);
      resolve(match);
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('close', () => clearTimeout(guard));
  });
}

/** Ends what an example left running. */
async function stopAll() {
  await Promise.all(
    [...running].map((child) => {
      const closed = once(child, 'close');
      signalGroup(child, 'SIGKILL');
      return closed;
    }),
  );
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, () => {
    for (const child of running) signalGroup(child, 'SIGKILL');
    process.exit(1);
  });
}

module.exports = { ADDRESS, daemon, exampleEnvironment, run, serve, stopAll };
