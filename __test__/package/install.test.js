'use strict';

// What a stranger does: install by name into an empty project, with each package manager, and run the documentation's
// code as ES module, as CommonJS and as compiled TypeScript. The packages come from a registry on loopback that has
// all of the release's platforms, so that the package manager has to choose.

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const { promisify } = require('node:util');
const { platformName } = require('../../scripts/addon.js');
const { npmRegistry } = require('../support/npm-registry.js');
const { stagedRelease } = require('../support/staged-release.js');

const root = path.resolve(__dirname, '../..');
const modules = path.join(root, 'node_modules');
const here = `@refport/native-${platformName()}`;
const run = promisify(execFile);

/** @type {ReturnType<typeof stagedRelease>} */
let release;
/** @type {Awaited<ReturnType<typeof npmRegistry>>} */
let registry;
let folder = '';

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-install-'));
  release = stagedRelease();
  registry = await npmRegistry([release.main, ...release.platforms.values()]);
});

after(() => {
  registry?.close();
  release?.remove();
  fs.rmSync(folder, { recursive: true, force: true });
});

/**
 * An empty project with the programs to run, and an environment that leaves the user's own settings out.
 *
 * @param {string} name
 * @param {Record<string, string>} [files]
 */
function emptyProject(name, files = {}) {
  const cwd = path.join(folder, name);
  fs.mkdirSync(cwd);
  for (const file of fs.readdirSync(path.join(__dirname, 'pack-install'))) {
    fs.copyFileSync(path.join(__dirname, 'pack-install', file), path.join(cwd, file));
  }
  fs.writeFileSync(path.join(cwd, 'package.json'), '{ "name": "shop", "private": true }');
  for (const [file, text] of Object.entries(files)) fs.writeFileSync(path.join(cwd, file), text);
  const { PATH = '' } = process.env;
  return { cwd, env: { PATH, HOME: folder, CI: 'true', REFPORT_BASE_URL: '' } };
}

/**
 * Runs the programs in a project.
 *
 * @param {{ cwd: string, env: Record<string, string> }} project
 * @param {string[]} [launcher] what Node runs to run them
 */
async function runPrograms(project, launcher = []) {
  for (const program of ['esm.mjs', 'cjs.cjs']) {
    /** @type {{ stdout: string }} */
    const { stdout } = await run(process.execPath, [...launcher, program], project);
    assert.equal(stdout, `${program.split('.')[0]} works\n`);
  }
}

describe('install and run', () => {
  test('npm takes the package of this platform alone', async () => {
    const project = emptyProject('npm');
    const before = registry.downloads.length;
    await run('npm', ['install', 'refport', '--registry', registry.url, '--no-audit', '--no-fund'], project);
    assert.deepEqual(registry.downloads.slice(before).sort(), [here, 'refport'].sort());
    await runPrograms(project);
  });

  test('npm from the tarballs themselves', async () => {
    const project = emptyProject('npm-tarballs');
    const platform = /** @type {string} */ (release.platforms.get(platformName()));
    const args = ['install', release.main, platform, '--registry', registry.url, '--no-audit', '--no-fund'];
    await run('npm', args, project);
    await runPrograms(project);
  });

  test('pnpm', async () => {
    const project = emptyProject('pnpm');
    const pnpm = path.join(modules, '.bin', 'pnpm');
    const args = ['add', 'refport', '--registry', registry.url, '--store-dir', path.join(folder, 'pnpm-store')];
    await run(pnpm, args, project);
    await runPrograms(project);
  });

  for (const linker of ['node-modules', 'pnp']) {
    test(`yarn, ${linker}`, async () => {
      const settings = [
        `npmRegistryServer: "${registry.url}"`,
        'unsafeHttpWhitelist: ["127.0.0.1"]',
        `nodeLinker: ${linker}`,
        'enableTelemetry: false',
        'enableGlobalCache: false',
        'pnpEnableEsmLoader: true',
      ];
      const project = emptyProject(`yarn-${linker}`, { '.yarnrc.yml': `${settings.join('\n')}\n`, 'yarn.lock': '' });
      const yarn = path.join(modules, '@yarnpkg', 'cli-dist', 'bin', 'yarn.js');
      await run(process.execPath, [yarn, 'add', 'refport'], project);
      await runPrograms(project, [yarn, 'node']);
    });
  }
});

describe('with no registry at hand', () => {
  const offline = ['--offline', '--no-audit', '--no-fund'];
  const engine = ['--eval', "console.log(require('refport').Refport.engine)"];

  test('the tarball alone: fetch, with one warning', async () => {
    const project = emptyProject('offline');
    await run('npm', ['install', release.main, ...offline], project);
    for (const program of ['esm.mjs', 'cjs.cjs']) {
      const { stdout, stderr } = await run(process.execPath, [program], project);
      assert.equal(stdout, `${program.split('.')[0]} works\n`);
      assert.equal(stderr.split('[REFPORT_NO_BINARY]').length, 2, stderr);
      assert.ok(stderr.includes(`the package ${here} is not installed`), stderr);
    }
    assert.equal((await run(process.execPath, engine, project)).stdout, 'fetch\n');
  });

  test('with the tarball of this platform beside it: native', async () => {
    const project = emptyProject('offline-native');
    const platform = /** @type {string} */ (release.platforms.get(platformName()));
    await run('npm', ['install', release.main, platform, ...offline], project);
    await runPrograms(project);
    const { stdout, stderr } = await run(process.execPath, engine, project);
    assert.deepEqual([stdout, stderr], ['native\n', '']);
  });
});

describe('monorepos', () => {
  /**
   * Moves the programs into a package of the repository.
   *
   * @param {string} name
   * @param {Record<string, string>} files
   */
  function workspace(name, files) {
    const project = emptyProject(name, files);
    const shop = path.join(project.cwd, 'apps', 'shop');
    fs.mkdirSync(shop, { recursive: true });
    for (const program of ['esm.mjs', 'cjs.cjs'])
      fs.renameSync(path.join(project.cwd, program), path.join(shop, program));
    fs.writeFileSync(path.join(shop, 'package.json'), '{ "name": "shop", "dependencies": { "refport": "*" } }');
    return { ...project, shop: { ...project, cwd: shop } };
  }

  test('npm workspaces', async () => {
    const { shop, ...project } = workspace('npm-workspaces', { 'package.json': '{ "workspaces": ["apps/*"] }' });
    await run('npm', ['install', '--registry', registry.url, '--no-audit', '--no-fund'], project);
    await runPrograms(shop);
  });

  test('pnpm workspaces', async () => {
    const { shop, ...project } = workspace('pnpm-workspaces', { 'pnpm-workspace.yaml': 'packages: ["apps/*"]\n' });
    const store = ['--store-dir', path.join(folder, 'pnpm-store')];
    await run(path.join(modules, '.bin', 'pnpm'), ['install', '--registry', registry.url, ...store], project);
    await runPrograms(shop);
  });
});

test('the package of another platform can be installed here, to be shipped there', async () => {
  const project = emptyProject('elsewhere');
  const platform = ['--os=linux', '--cpu=arm64', '--libc=musl'];
  await run('npm', ['install', 'refport', ...platform, '--registry', registry.url, '--no-audit', '--no-fund'], project);
  const installed = fs.readdirSync(path.join(project.cwd, 'node_modules', '@refport'));
  assert.deepEqual(installed, ['native-linux-arm64-musl']);
});

test('the installed package compiles and runs as TypeScript in every module resolution', async () => {
  const project = emptyProject('typescript');
  await run('npm', ['install', 'refport', '--registry', registry.url, '--no-audit', '--no-fund'], project);
  const tsc = path.join(modules, 'typescript', 'bin', 'tsc');
  for (const [module, moduleResolution] of [
    ['node16', 'node16'],
    ['nodenext', 'nodenext'],
    ['preserve', 'bundler'],
  ]) {
    const flags = ['--strict', '--skipLibCheck', 'false', '--types', '', '--target', 'es2022'];
    const modes = ['--module', module, '--moduleResolution', moduleResolution, '--outDir', moduleResolution];
    await run(process.execPath, [tsc, 'typed.ts', ...flags, ...modes], project);
    // What goes to a bundler keeps its import statements.
    const emitted = path.join(moduleResolution, 'typed.js');
    const args = moduleResolution === 'bundler' ? ['--experimental-default-type=module', emitted] : [emitted];
    const { stdout } = await run(process.execPath, args, project);
    assert.equal(stdout, 'typed works\n');
  }
});

test('the command of the package runs', async () => {
  const project = emptyProject('command');
  await run('npm', ['install', 'refport', '--registry', registry.url, '--no-audit', '--no-fund'], project);
  const { stdout } = await run('npx', ['refport', 'sandbox', '--help'], project);
  assert.match(stdout, /Usage: npx refport sandbox/);
});

const PROGRAM = "new (require('refport').Refport)({ apiKey: 'key' }); console.log('made');";

/**
 * What a client without an addon says: in a warning, since its calls go over fetch, and in an error where that is refused.
 *
 * @param {ReturnType<typeof emptyProject>} project
 */
async function complaints({ cwd, env }) {
  const { stdout, stderr } = await run(process.execPath, ['-e', PROGRAM], { cwd, env });
  assert.equal(stdout, 'made\n');
  assert.match(stderr, /\[REFPORT_NO_BINARY\] Warning/);
  const forced = { cwd, env: { ...env, REFPORT_ENGINE: 'native' } };
  const refused = await run(process.execPath, ['-e', PROGRAM], forced).then(
    () => assert.fail('it worked'),
    (error) => error,
  );
  return [stderr, refused.stderr];
}

test('without the package of the platform, it says what was looked for and what to do', async () => {
  const project = emptyProject('omitted');
  const args = ['install', 'refport', '--omit=optional', '--registry', registry.url, '--no-audit', '--no-fund'];
  await run('npm', args, project);
  for (const said of await complaints(project)) {
    assert.ok(said.includes(`no native binary for ${platformName()}`), said);
    assert.ok(said.includes(`the package ${here} is not installed`), said);
    assert.match(said, /--omit=optional/);
    assert.match(said, /npm run build/);
  }
});

test('a package that does not load is told from one that is missing', async () => {
  const project = emptyProject('damaged');
  await run('npm', ['install', 'refport', '--registry', registry.url, '--no-audit', '--no-fund'], project);
  const addon = path.join(project.cwd, 'node_modules', here, `native.${platformName()}.node`);
  fs.writeFileSync(addon, 'not a library');
  for (const said of await complaints(project)) assert.ok(said.includes(`${addon} did not load: `), said);
});
