'use strict';

// The package before it is published: npm and pnpm install a clone by git, by path and from what `npm pack` makes of it,
// with the addon built on the way, or say what is missing for that.

const assert = require('node:assert/strict');
const { execFile, execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { promisify } = require('node:util');
const { addonFile, platformName } = require('../../scripts/addon.js');
const { contents } = require('../support/staged-release.js');

const root = path.resolve(__dirname, '../..');
const addon = `native.${platformName()}.node`;
const run = promisify(execFile);
const KIB = 1024;
const quiet = ['--no-audit', '--no-fund'];

let folder = '';
/** A clone as small as one can be: without the development packages that building does not need. */
let clone = '';

before(() => {
  folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'refport-git-')));
  clone = path.join(folder, 'clone');
  const list = ['ls-files', '-z', '--', '.', ':(exclude)examples', ':(exclude)__test__', ':(exclude)docs/images'];
  for (const file of execFileSync('git', list, { cwd: root, encoding: 'utf8' }).split('\0')) {
    if (!file || !fs.existsSync(path.join(root, file))) continue;
    fs.mkdirSync(path.dirname(path.join(clone, file)), { recursive: true });
    fs.copyFileSync(path.join(root, file), path.join(clone, file));
  }
  const file = path.join(clone, 'package.json');
  const manifest = JSON.parse(fs.readFileSync(file, 'utf8'));
  const { '@napi-rs/cli': cli, rolldown } = manifest.devDependencies;
  fs.writeFileSync(file, JSON.stringify({ ...manifest, devDependencies: { '@napi-rs/cli': cli, rolldown } }, null, 2));
  const quietly = {
    cwd: clone,
    stdio: /** @type {import('node:child_process').StdioOptions} */ (['ignore', 'ignore', 'ignore']),
  };
  execFileSync('npm', ['install', '--package-lock-only', '--ignore-scripts', '--prefer-offline', ...quiet], quietly);
  execFileSync('git', ['init', '--quiet'], quietly);
  execFileSync('git', ['add', '--all'], quietly);
  const author = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
  execFileSync('git', [...author, 'commit', '--quiet', '--message', 'clone'], quietly);
});

after(() => fs.rmSync(folder, { recursive: true, force: true }));

/**
 * An empty project with the programs to run. What cargo compiles of other crates is shared with this clone, since it takes
 * minutes.
 *
 * @param {string} name
 * @param {Record<string, string>} [settings]
 */
function emptyProject(name, settings = {}) {
  const cwd = path.join(folder, name);
  fs.cpSync(path.join(root, '__test__', 'package', 'pack-install'), cwd, { recursive: true });
  fs.writeFileSync(path.join(cwd, 'package.json'), '{ "name": "shop", "private": true }');
  return { cwd, env: { ...process.env, CARGO_TARGET_DIR: path.join(root, 'target'), CI: 'true', ...settings } };
}

/**
 * @param {ReturnType<typeof emptyProject>} project
 * @param {Record<string, string>} [settings]
 */
async function runPrograms({ cwd }, settings) {
  // Written by the script `prepare`.
  assert.ok(fs.existsSync(path.join(cwd, 'node_modules', 'refport', 'dist', 'edge', 'index.mjs')));
  for (const program of ['esm.mjs', 'cjs.cjs']) {
    const { stdout } = await run(process.execPath, [program], { cwd, env: { ...process.env, ...settings } });
    assert.equal(stdout, `${program.split('.')[0]} works\n`);
  }
}

test('npm install git+… builds the addon', async () => {
  const project = emptyProject('npm-git');
  await run('npm', ['install', `git+file://${clone}`, ...quiet], project);
  assert.ok(fs.existsSync(path.join(project.cwd, 'node_modules', 'refport', 'dist', addon)));
  await runPrograms(project);
});

test('npm install git+… says that Rust is missing, and how to do without', async () => {
  const { PATH = '' } = process.env;
  const without = PATH.split(path.delimiter).filter((entry) => !fs.existsSync(path.join(entry, 'cargo')));
  const settings = { PATH: without.join(path.delimiter), CARGO_HOME: path.join(folder, 'no-cargo') };
  const project = emptyProject('npm-git-rustless', settings);
  const { stderr } = await run('npm', ['install', `git+file://${clone}`, ...quiet], project).then(
    () => assert.fail('it worked'),
    (error) => error,
  );
  assert.match(stderr, /cargo was not found.+Install Rust [\d.]+ or newer from https:\/\/rustup\.rs/);
  assert.match(stderr, /set REFPORT_ENGINE=fetch/);

  const { env, cwd } = project;
  await run('npm', ['install', `git+file://${clone}`, ...quiet], { cwd, env: { ...env, REFPORT_ENGINE: 'fetch' } });
  assert.ok(!fs.existsSync(path.join(cwd, 'node_modules', 'refport', 'dist', addon)));
  await runPrograms(project, { REFPORT_ENGINE: 'fetch' });
  // What was built elsewhere does as well.
  await runPrograms(project, { NAPI_RS_NATIVE_LIBRARY_PATH: addonFile() });
});

test('pnpm add git+… builds the addon when it is allowed to, as documented', async () => {
  const project = emptyProject('pnpm-git');
  const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: clone, encoding: 'utf8' }).trim();
  const source = `git+file://${clone}`;
  fs.writeFileSync(
    path.join(project.cwd, 'pnpm-workspace.yaml'),
    `allowBuilds:\n  'refport@${source}#${commit}': true\n`,
  );
  const pnpm = path.join(root, 'node_modules', '.bin', 'pnpm');
  await run(pnpm, ['add', `${source}#${commit}`, '--store-dir', path.join(folder, 'pnpm-store')], project);
  assert.ok(fs.existsSync(path.join(project.cwd, 'node_modules', 'refport', 'dist', addon)));
  await runPrograms(project);
});

test('npm install of a path builds the addon in the clone, whatever is left out of the project', async () => {
  const project = emptyProject('npm-path');
  await run('npm', ['install', clone, '--omit=dev', ...quiet], project);
  assert.ok(fs.lstatSync(path.join(project.cwd, 'node_modules', 'refport')).isSymbolicLink());
  assert.ok(fs.existsSync(path.join(clone, 'dist', addon)));
  await runPrograms(project);
});

test('npm pack gives a tarball that works on this machine', async () => {
  const { env } = emptyProject('environment');
  await run('npm', ['pack', '--pack-destination', folder], { cwd: clone, env });
  const tarball = path.join(folder, `refport-${require('../../package.json').version}.tgz`);
  const { size = 0 } = contents(tarball).find(({ name }) => name === `dist/${addon}`) ?? {};
  assert.ok(size > 500 * KIB && size < 6000 * KIB, `the addon is not stripped and of a sensible size: ${size} bytes`);
  const project = emptyProject('npm-tarball');
  await run('npm', ['install', tarball, '--offline', ...quiet], project);
  await runPrograms(project);
});

test('npm publish refuses to take the addon of this machine along', async () => {
  const { env } = emptyProject('publisher');
  fs.writeFileSync(path.join(clone, 'dist', addon), '');
  const args = ['publish', '--dry-run', '--offline', '--tag', 'next'];
  const { stderr } = await run('npm', args, { cwd: clone, env }).then(
    () => assert.fail('it worked'),
    (error) => error,
  );
  assert.ok(stderr.includes(`The published package holds no addon: remove ${addon} first.`), stderr);
});
