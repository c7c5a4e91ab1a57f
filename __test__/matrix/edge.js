'use strict';

// The checks of __test__/matrix/edge in places that load no addons:
//
//   node __test__/matrix/edge.js workerd
//
// Builds what each place's own tools build from an application that has the package installed, runs it there, and prints
// the checks as the last line. Needs a current Node, which is what those tools ask for.

const { execFile, spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const { gzipSync } = require('node:zlib');
const { askForChecks } = require('./edge-target.js');

/** @import { Check } from './table.js' */

const root = path.resolve(__dirname, '../..');
const matrix = path.join(root, '__test__', 'matrix');
const run = promisify(execFile);

/** What a Worker may weigh that reports and reads cookies, in bytes of gzip. */
const MAX_BUNDLE = 12_000;

/** @param {string} name of a package of the matrix */
const installed = (name) => require(require.resolve(name, { paths: [path.join(matrix, 'tools')] }));

/**
 * An application with the package, as it is published but for the addon, and the tools.
 * @param {string} [template] folder below edge
 */
function application(template) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-edge-'));
  const edge = path.join(matrix, 'edge');
  const modules = path.join(folder, 'node_modules');
  fs.mkdirSync(modules);
  if (template) fs.cpSync(path.join(edge, template), folder, { recursive: true });
  const checks = path.join(folder, template ? 'checks' : '.');
  fs.mkdirSync(checks, { recursive: true });
  for (const name of ['checks.mjs', 'worker.mjs', 'edge-function.mjs']) {
    fs.copyFileSync(path.join(edge, name), path.join(checks, name));
  }
  const refport = path.join(modules, 'refport');
  const filter = (/** @type {string} */ file) => !file.endsWith('.node');
  for (const name of ['package.json', 'dist']) {
    fs.cpSync(path.join(root, name), path.join(refport, name), { recursive: true, filter });
  }
  for (const name of ['next', 'react', 'react-dom'])
    fs.symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name));
  fs.symlinkSync(path.join(matrix, 'tools', 'node_modules', 'h3'), path.join(modules, 'h3'));
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "name": "shop", "private": true }');
  return folder;
}

/**
 * @param {string} folder
 * @param {string} entry
 * @param {string[]} conditions
 * @param {object} [more]
 */
async function bundle(folder, entry, conditions, more) {
  const { outputFiles, metafile } = await installed('esbuild').build({
    absWorkingDir: folder,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    conditions,
    logLevel: 'error',
    ...more,
  });
  return { code: /** @type {string} */ (outputFiles[0].text), inputs: Object.keys(metafile.inputs) };
}

/** @param {string} name @param {() => void | Promise<void>} check @returns {Promise<Check>} */
async function checked(name, check) {
  try {
    await check();
    return { area: 'bundle', name, error: null };
  } catch (error) {
    return { area: 'bundle', name, error: String(error) };
  }
}

/** What a Worker is made of that has both, and nothing else. @param {string} folder */
async function bundleChecks(folder) {
  fs.writeFileSync(
    path.join(folder, 'small.mjs'),
    "export { Refport, getClickIdFromCookie, getClickIdFromRequest } from 'refport';",
  );
  const { code, inputs } = await bundle(folder, 'small.mjs', ['workerd', 'worker', 'browser'], { minify: true });
  const size = gzipSync(code).length;
  return [
    await checked(`${size} bytes of gzip`, () => {
      if (size > MAX_BUNDLE) throw new Error(`more than ${MAX_BUNDLE}`);
    }),
    await checked('no addon, no sandbox and nothing of Node', () => {
      const strange = inputs.filter((name) =>
        /sandbox|native|server|host\/node|observe\.js|testing/.test(name.replace('unobserved', '')),
      );
      const builtins = code.match(/["']node:[a-z_]+["']|\brequire\(["'](?:fs|path|util|net|http)["']\)/g) ?? [];
      if (strange.length + builtins.length > 0) throw new Error([...strange, ...builtins].join(', '));
    }),
  ];
}

/**
 * @param {object} options what to run
 */
async function inMiniflare(options) {
  const { Miniflare } = installed('miniflare');
  const miniflare = new Miniflare({ compatibilityDate: '2025-06-01', ...options });
  try {
    return await askForChecks((body) =>
      miniflare.dispatchFetch('http://localhost/', {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      }),
    );
  } finally {
    await miniflare.dispose();
  }
}

/** @param {string} folder */
async function workerd(folder) {
  const { code } = await bundle(folder, 'worker.mjs', ['workerd', 'worker', 'browser']);
  // No flag of compatibility with Node.
  const checks = await inMiniflare({ modules: true, script: code });
  return [...(await bundleChecks(folder)), ...checks];
}

/** @param {string} folder */
async function edgeRuntime(folder) {
  const { code } = await bundle(folder, 'edge-function.mjs', ['edge-light', 'worker', 'browser'], { format: 'iife' });
  const { EdgeRuntime } = installed('edge-runtime');
  const runtime = new EdgeRuntime({ initialCode: code });
  return askForChecks((body) => runtime.dispatchFetch('http://localhost/', { method: 'POST', body }));
}

/** @param {string} folder */
async function nitro(folder) {
  const cli = path.join(matrix, 'tools', 'node_modules', 'nitropack', 'dist', 'cli', 'index.mjs');
  await run(process.execPath, [cli, 'build'], { cwd: folder, maxBuffer: 1 << 26 });
  const server = path.join(folder, '.output', 'server');
  return inMiniflare({
    modules: true,
    modulesRoot: server,
    modulesRules: [{ type: 'ESModule', include: ['**/*.mjs', '**/*.js'] }],
    scriptPath: path.join(server, 'index.mjs'),
    compatibilityFlags: ['nodejs_compat'],
  });
}

/** @param {string} place path of the route */
const next = (place) => async (/** @type {string} */ folder) => {
  const cli = path.join(root, 'node_modules', 'next', 'dist', 'bin', 'next');
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };
  await run(process.execPath, [cli, 'build', '--webpack'], { cwd: folder, env, maxBuffer: 1 << 26 });
  const child = spawn(process.execPath, [cli, 'start', '--port', '0', '--hostname', '127.0.0.1'], { cwd: folder, env });
  try {
    const url = await new Promise((resolve, reject) => {
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (chunk) => {
        output += chunk;
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
        if (found && /Ready/.test(output)) resolve(found);
      });
      child.stderr.on('data', (chunk) => (output += chunk));
      child.once('exit', () => reject(new Error(output)));
    });
    return await askForChecks((body) => fetch(url + place, { method: 'POST', body }));
  } finally {
    child.kill();
    await once(child, 'exit');
  }
};

/** @type {Record<string, [template: string | undefined, run: (folder: string) => Promise<Check[]>]>} */
const places = {
  workerd: [undefined, workerd],
  'edge-runtime': [undefined, edgeRuntime],
  'next-route': ['next', next('/api/edge')],
  'next-middleware': ['next', next('/middleware')],
  nitro: ['nitro', nitro],
};

async function main() {
  const [template, runThere] = places[process.argv[2] ?? ''] ?? [];
  if (!runThere) throw new Error(`There are: ${Object.keys(places).join(', ')}.`);
  const folder = application(template);
  try {
    const checks = await runThere(folder);
    console.log(JSON.stringify(checks));
    if (checks.some(({ error }) => error)) process.exitCode = 1;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

main().then(
  () => process.exit(),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
