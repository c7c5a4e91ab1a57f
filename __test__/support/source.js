'use strict';

// A source module on its own, for the few tests that look inside: bundled when it is asked for, next to the addon.
// Its classes and state are not those of the package that other tests load by name.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

const root = path.resolve(__dirname, '../..');
const rolldown = path.join(root, 'node_modules', 'rolldown', 'bin', 'cli.mjs');

/**
 * @template T
 * @param {string} file below the root, such as `lib/click/cookie.ts`
 * @param {(bundle: string) => T} use what to do with the bundle, a CommonJS file that exists until then
 * @returns {T}
 */
function withBundle(file, use) {
  const bundle = path.join(root, 'dist', `.${file.replaceAll('/', '-')}.${process.pid}.cjs`);
  const external = [
    './native.cjs',
    './chunk-addon-missing.cjs',
    './chunk-click.cjs',
    './chunk-client-core.cjs',
    './chunk-fetch-engine.cjs',
    'bullmq',
    'ioredis',
    'pg-boss',
  ].flatMap((name) => ['--external', name]);
  const args = [
    path.join(root, file),
    '--format',
    'cjs',
    '--platform',
    'node',
    '--no-makeAbsoluteExternalsRelative',
    ...external,
    '--file',
    bundle,
  ];
  // The settings of an addon under test, such as one with a sanitizer, would be taken for those of the bundler's own.
  const env = { ...process.env, NAPI_RS_NATIVE_LIBRARY_PATH: '', LD_PRELOAD: '' };
  execFileSync(process.execPath, [rolldown, ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    return use(bundle);
  } finally {
    fs.rmSync(bundle);
  }
}

/**
 * @param {string} file below the root, such as `lib/click/cookie.ts`
 * @returns {any} its exports
 */
const loadSource = (file) => withBundle(file, require);

/**
 * The same in a realm whose globals are those of ECMAScript: a module that needs more does not load.
 *
 * @param {string} file
 * @returns {any} its exports
 */
function loadInBareRealm(file) {
  const module = { exports: {} };
  const names = ['module', 'exports', 'require'];
  const load = (/** @type {string} */ name) => {
    throw new Error(`${file} needs ${name}`);
  };
  const code = withBundle(file, (bundle) => fs.readFileSync(bundle, 'utf8'));
  vm.compileFunction(code, names, { parsingContext: vm.createContext({}), filename: file })(
    module,
    module.exports,
    load,
  );
  return module.exports;
}

module.exports = { loadInBareRealm, loadSource };
