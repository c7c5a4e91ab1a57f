'use strict';

// Run by scripts/long-run.js: kills processes with an outbox in front of an API that counts and then fails. Afterwards
// everything that was recorded was counted or is parked, nothing was counted twice, and every invoice arrived.

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { CrashApi } = require('../crash-api.js');
const { examine } = require('../crash-check.js');
const { loadSource } = require('../source.js');

const { createRandom } = loadSource('sandbox/random.ts');

const root = path.join(__dirname, '..', '..', '..');
/** Kills before a file is examined. */
const ROUNDS_PER_FILE = 10;
/** Where src/outbox/failpoint.rs is called, and how often it is passed before the crash. */
const FAILPOINTS = {
  written: [0, 1, 2, 3, 5, 8, 13],
  committed: [0, 1, 2, 3, 5, 8, 13],
  told: [0, 1, 2, 3, 5, 8, 13],
  sending: [0, 1, 2, 3, 5, 8],
  sent: [0, 1, 2, 3, 5, 8],
  answered: [0, 1, 2, 3, 5, 8],
  'taken over': [0],
  tidying: [0],
};
/** Milliseconds after which a process that has not reached its failpoint is killed as well. */
const REACH_TIMEOUT = 5_000;

/**
 * `node` and `program`: what is killed, if it is not this Node with the program beside this one. Failpoints are in an addon for
 * this machine.
 *
 * @type {{ seed: number, rounds: number, node?: string, program?: string }}
 */
const {
  seed,
  rounds,
  node = process.execPath,
  program = path.join(__dirname, 'crash.js'),
} = JSON.parse(process.argv[2]);
const isElsewhere = node !== process.execPath;

const random = createRandom(seed);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-crash-'));
const totals = { recorded: 0, counted: 0, parked: 0, crashes: 0 };
let runs = 0;
/** @type {string[]} */
const failures = [];

/**
 * Starts a process, and resolves with how it ended once it has.
 *
 * @param {object} input
 * @param {Set<string>} recorded gets the names that it prints
 * @param {{ env?: Record<string, string>, killAfter?: number }} options `killAfter`: milliseconds after its first line
 */
function run(input, recorded, { env = {}, killAfter } = {}) {
  runs += 1;
  const child = spawn(node, [program, JSON.stringify({ ...input, run: runs })], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let rest = '';
  let errors = '';
  let isKilled = false;
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    if (!isKilled && killAfter !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfter);
    isKilled = true;
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) recorded.add(line);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    errors += chunk;
  });
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      if (errors !== '') failures.push(`the process said: ${errors}`);
      resolve(signal ?? code);
    });
  });
}

/**
 * @param {InstanceType<typeof CrashApi>} api
 * @param {string} file
 * @param {Set<string>} recorded
 * @param {string} what
 */
async function check(api, file, recorded, what) {
  const { problems, parked } = await examine(api, file, recorded);
  api.close();
  totals.recorded += recorded.size;
  totals.counted += api.counts.size;
  totals.parked += parked;
  for (const problem of problems) failures.push(`${what}: ${problem}`);
}

async function atRandom() {
  for (let round = 0; round < rounds; round += ROUNDS_PER_FILE) {
    const api = await new CrashApi(random).listen();
    const file = path.join(folder, `random-${round}.db`);
    /** @type {Set<string>} */
    const recorded = new Set();
    const processes = (round / ROUNDS_PER_FILE) % 2 ? 2 : 1;
    for (let kill = 0; kill < ROUNDS_PER_FILE; kill += processes) {
      const together = Array.from({ length: processes }, () =>
        run({ url: api.url, file }, recorded, { killAfter: Math.floor(random() * 400) }),
      );
      await Promise.all(together);
      totals.crashes += processes;
    }
    await check(api, file, recorded, `rounds ${round} to ${round + ROUNDS_PER_FILE} (${processes} at a time)`);
    console.log(`${round + ROUNDS_PER_FILE} of ${rounds} kills at random, ${recorded.size} recorded in this file`);
  }
}

async function atFailpoints() {
  const cargo = spawnSync('cargo', ['build', '--quiet', '--locked', '--lib', '--features', 'failpoints'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (cargo.status !== 0) throw new Error('the addon with failpoints does not build');
  const library = { darwin: 'librefport.dylib', win32: 'refport.dll' }[String(process.platform)] ?? 'librefport.so';
  const addon = path.join(folder, 'failpoints.node');
  fs.copyFileSync(path.join(root, 'target', 'debug', library), addon);
  for (const [name, allPasses] of Object.entries(FAILPOINTS)) {
    let reached = 0;
    for (const passes of allPasses) {
      const api = await new CrashApi(random).listen();
      const file = path.join(folder, `${name}-${passes}.db`.replaceAll(' ', '-'));
      /** @type {Set<string>} */
      const recorded = new Set();
      const input = { url: api.url, file, count: 30 };
      // There is something to take over only after another crash.
      if (name === 'taken over') await run(input, recorded, { killAfter: 20 });
      const env = { NAPI_RS_NATIVE_LIBRARY_PATH: addon, REFPORT_FAILPOINT: `${name}:${passes}` };
      const ended = await run(input, recorded, { env, killAfter: REACH_TIMEOUT });
      if (ended === 'SIGABRT') reached += 1;
      await check(api, file, recorded, `after "${name}" was passed ${passes} times`);
    }
    totals.crashes += reached;
    if (reached === 0) failures.push(`"${name}" was never reached`);
    console.log(`${reached} crashes at "${name}"`);
  }
}

async function main() {
  await atRandom();
  if (!isElsewhere) await atFailpoints();
  fs.rmSync(folder, { recursive: true, force: true });
  const { crashes, recorded, counted, parked } = totals;
  console.log(`${crashes} crashes, ${recorded} recorded for sure, ${counted} counted, ${parked} parked`);
  for (const failure of failures) console.error(`✗ ${failure}`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}

main();
