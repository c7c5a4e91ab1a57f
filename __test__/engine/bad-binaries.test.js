'use strict';

// An addon that is there and cannot be loaded: nothing is thrown, the process lives, calls go over fetch, and one warning
// says what was found. REFPORT_ENGINE=native makes an error of it.

const assert = require('node:assert/strict');
const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { describe, it } = require('node:test');
const { loadSource } = require('../support/source.js');
const { NODE_API } = loadSource('lib/engine/native/addon.ts');
const { platformName } = require('../../scripts/addon.js');
const { installedCopy, warnings } = require('../support/installed-copy.js');

const name = `native.${platformName()}.node`;
const addon = path.resolve(__dirname, '../../dist', name);
const isLinux = process.platform === 'linux';

const program = `
const { Refport, RefportError, getClickIdFromCookie } = require('refport');
let made;
try {
  new Refport({ apiKey: 'rk_1' });
  new Refport({ apiKey: 'rk_2' });
  made = Refport.engine;
} catch (error) {
  made = [error instanceof RefportError, error.code, error.message].join(' ');
}
console.log(getClickIdFromCookie('refp_id=abc'), made);`;

/**
 * @param {(file: string) => void} make puts something in the addon's place
 * @param {RegExp} found what the warning says of it
 * @param {{ uid?: number }} [options]
 */
const standsIn = (make, found, options) => async (/** @type {import('node:test').TestContext} */ t) => {
  const copy = installedCopy(t);
  make(path.join(copy.folder, 'dist', name));
  const chosen = await copy.run(program, options);
  assert.deepEqual([chosen.code, chosen.stdout], [0, 'abc fetch\n'], chosen.stderr);
  assert.equal(warnings(chosen.stderr), 1, chosen.stderr);
  assert.match(chosen.stderr, found);
  assert.ok(chosen.stderr.includes(`${name} did not load`), chosen.stderr);

  const forced = await copy.run(program, { ...options, env: { REFPORT_ENGINE: 'native' } });
  assert.equal(forced.code, 0, forced.stderr);
  assert.match(forced.stdout, /^abc true NO_BINARY /);
  assert.match(forced.stdout, found);
  assert.equal(warnings(forced.stderr), 0);
};

/** @param {(bytes: Buffer) => Buffer} change */
const changed = (change) => (/** @type {string} */ file) => fs.writeFileSync(file, change(fs.readFileSync(addon)));

describe('an addon that is', () => {
  it(
    'empty',
    standsIn((file) => fs.writeFileSync(file, ''), /incomplete|did not load/),
  );
  it(
    'a page of a proxy',
    standsIn((file) => fs.writeFileSync(file, '<html>'.repeat(100)), /did not load/),
  );

  for (const length of [40, 1000, 100_000, 1_000_000]) {
    it(
      `cut off after ${length} bytes`,
      { skip: !isLinux },
      standsIn(
        changed((bytes) => bytes.subarray(0, length)),
        /incomplete/,
      ),
    );
  }

  it(
    'for another architecture',
    { skip: !isLinux },
    standsIn(
      changed((bytes) => {
        // The machine in an ELF header: none that there is.
        bytes.writeUInt16LE(0xfe, 0x12);
        return bytes;
      }),
      /did not load: .+/,
    ),
  );

  it(
    'for another C library',
    { skip: !isLinux },
    standsIn(
      changed((bytes) => {
        const at = bytes.indexOf('libc.so.6\0');
        assert.ok(at > 0);
        bytes.write('libc.so.X', at);
        return bytes;
      }),
      /libc\.so\.X/,
    ),
  );

  it(
    'something else',
    standsIn((file) => {
      const source = `void *napi_register_module_v1(void *env, void *exports) { return exports; }`;
      execFileSync('cc', ['-shared', '-fPIC', '-x', 'c', '-', '-o', file], { input: source });
    }, /not the addon of refport/),
  );

  it(
    'not to be read',
    { skip: !isLinux },
    standsIn(
      (file) => {
        fs.copyFileSync(addon, file);
        fs.chmodSync(file, 0);
      },
      /EACCES|Permission denied|permission denied/,
      process.getuid?.() === 0 ? { uid: 65534 } : {},
    ),
  );
});

/** In a mount namespace of its own, which not every Linux gives to everybody. */
const unshare = ['unshare', '--user', '--map-root-user', '--mount'];
const canMount = isLinux && spawnSync('unshare', [...unshare.slice(1), 'true']).status === 0;

it('an addon on a drive that is mounted without the right to execute', { skip: !canMount }, async (t) => {
  const copy = installedCopy(t);
  fs.copyFileSync(addon, path.join(copy.folder, 'dist', name));
  const mount = 'mount --bind "$0" "$0" && mount -o remount,bind,noexec "$0" && exec "$@"';
  const { code, stdout, stderr } = await copy.run(program, { through: [...unshare, 'sh', '-c', mount, copy.folder] });
  assert.deepEqual([code, stdout], [0, 'abc fetch\n'], stderr);
  assert.equal(warnings(stderr), 1, stderr);
  assert.match(stderr, /did not load: .*failed to map segment.* mounted with noexec/);
});

it('a runtime whose Node-API is too old for the addon', async (t) => {
  const copy = installedCopy(t);
  fs.copyFileSync(addon, path.join(copy.folder, 'dist', name));
  const older = `Object.defineProperty(process, 'versions', { value: { ...process.versions, napi: '${NODE_API - 1}' } });`;
  const { stdout, stderr } = await copy.run(older + program);
  assert.equal(stdout, 'abc fetch\n');
  assert.equal(warnings(stderr), 1);
  assert.match(stderr, new RegExp(`did not load: it needs Node-API ${NODE_API}, and this runtime has ${NODE_API - 1}`));
  const cargo = fs.readFileSync(path.resolve(__dirname, '../../Cargo.toml'), 'utf8');
  assert.match(cargo, new RegExp(`^napi = .*"napi${NODE_API}"`, 'm'));
});

it('NAPI_RS_NATIVE_LIBRARY_PATH that leads nowhere', async (t) => {
  const env = { NAPI_RS_NATIVE_LIBRARY_PATH: '/nowhere/native.node' };
  const { stdout, stderr } = await installedCopy(t).run(program, { env });
  assert.equal(stdout, 'abc fetch\n');
  assert.equal(warnings(stderr), 1);
  assert.match(stderr, /NAPI_RS_NATIVE_LIBRARY_PATH is \/nowhere\/native\.node, where there is no file/);
});

it('a runtime that does not report its libc', { skip: !isLinux }, async (t) => {
  const silent = "process.report.getReport = () => { throw new Error('Requires sys access'); };\n";
  const { code, stdout, stderr } = await installedCopy(t).run(silent + program);
  assert.deepEqual([code, stdout], [0, 'abc fetch\n'], stderr);
  assert.equal(warnings(stderr), 1, stderr);
});
