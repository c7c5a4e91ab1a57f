'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { addonFile, platformName } = require('../../scripts/addon.js');
const { stage } = require('../../scripts/release/stage.js');

const root = path.resolve(__dirname, '../..');

/**
 * A release as far as it can be made here: the real scripts and the napi CLI's own steps, in a copy, with the addon of
 * this machine and stand-ins for those of other platforms.
 *
 * @returns {{ main: string, platforms: Map<string, string>, remove(): void }} tarballs; `platforms` by platform name
 */
function stagedRelease() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-release-'));
  const copy = path.join(folder, 'refport');
  const artifacts = path.join(folder, 'artifacts');
  const tarballs = path.join(folder, 'tarballs');
  for (const made of [copy, artifacts, tarballs]) fs.mkdirSync(made);

  execFileSync('tar', ['-xzf', pack(root, folder), '-C', copy, '--strip-components=1']);
  fs.copyFileSync(path.join(root, 'dist', 'native.cjs'), path.join(artifacts, 'native.cjs'));
  const { napi } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  for (const target of napi.targets) {
    const addon = `native.${platformOf(target)}.node`;
    if (platformOf(target) === platformName()) fs.copyFileSync(addonFile(), path.join(artifacts, addon));
    else fs.writeFileSync(path.join(artifacts, addon), `stand-in for ${target}`);
  }
  // CI has cargo-about write it.
  fs.writeFileSync(path.join(artifacts, 'THIRD-PARTY-LICENSES'), 'stand-in for the licences');
  stage({ root: copy, artifacts, repository: 'refport/refport-node' });
  const quiet = {
    cwd: copy,
    stdio: /** @type {import('node:child_process').StdioOptions} */ (['ignore', 'pipe', 'pipe']),
  };
  // The napi CLI asks git for the version commit.
  execFileSync('git', ['init', '--quiet'], quiet);
  const author = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
  execFileSync('git', [...author, 'commit', '--quiet', '--allow-empty', '--message', '1.0.0'], quiet);
  const cli = path.join(root, 'node_modules', '@napi-rs', 'cli', 'dist', 'cli.js');
  execFileSync(process.execPath, [cli, 'pre-publish', '--tag-style', 'npm', '--skip-optional-publish'], quiet);

  const platforms = fs.readdirSync(path.join(copy, 'npm')).sort();
  return {
    main: pack(copy, tarballs),
    platforms: new Map(platforms.map((name) => [name, pack(path.join(copy, 'npm', name), tarballs)])),
    remove: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}

/** `x86_64-unknown-linux-gnu` is `linux-x64-gnu` to npm. */
function platformOf(/** @type {string} */ target) {
  const [cpu, , system, abi] = target.split('-');
  const arch = { x86_64: 'x64', aarch64: 'arm64', armv7: 'arm' }[cpu ?? ''];
  return [{ windows: 'win32' }[system ?? ''] ?? system, arch, abi].filter(Boolean).join('-');
}

/**
 * @param {string} folder
 * @param {string} destination
 * @returns {string} the tarball
 */
function pack(folder, destination) {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', destination];
  const [{ filename }] = JSON.parse(
    execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  return path.join(destination, filename.replace('@', '').replaceAll('/', '-'));
}

/**
 * @param {string} tarball
 * @returns {Array<{ name: string, size: number }>} files without the leading `package/`
 */
function contents(tarball) {
  const list = execFileSync('tar', ['-tzvf', tarball], { encoding: 'utf8' }).trim().split('\n');
  return list.map((line) => {
    const [, , size, , , ...name] = line.split(/\s+/);
    return { name: name.join(' ').replace(/^package\//, ''), size: Number(size) };
  });
}

/** package.json inside a tarball. */
function manifest(/** @type {string} */ tarball) {
  return JSON.parse(execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' }));
}

module.exports = { contents, manifest, stagedRelease };
