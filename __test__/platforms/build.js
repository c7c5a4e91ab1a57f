'use strict';

const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { ensureServers } = require('../../scripts/servers.js');

/**
 * Compiles the addon for another platform.
 * @module
 */

/** @import { Platform } from './platforms.js' */

const root = path.resolve(__dirname, '../..');
/** Apart, since a compiler of its own may build there. */
const TARGET = path.join(root, 'target', 'platforms');
const ZIG = ['cargo-zigbuild==0.24.0', 'ziglang==0.15.2'];

/** As it is published, but without the optimisation across crates, which takes minutes. */
const QUICKER = { CARGO_PROFILE_RELEASE_LTO: 'off', CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16' };

/**
 * @param {Platform} platform
 * @param {string} cache folder for tools
 * @returns {string} path of the addon
 */
function buildFor(platform, cache) {
  const { target, linker } = platform;
  const zig = linker ? undefined : installZig(cache);
  const rust = rustFor(target);
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, ...QUICKER, ...rust.env, ...compilerFor(platform), CARGO_TARGET_DIR: TARGET };
  if (zig) env.PATH = `${zig}${path.delimiter}${env.PATH}`;
  const args = [zig ? 'zigbuild' : 'build', '--release', '--locked', '--lib', '--target', target, ...rust.args];
  run('cargo', args, env);
  return path.join(TARGET, target, 'release', 'librefport.so');
}

/** Type-checks the code for a platform whose programs cannot run here. @param {Platform} platform */
function check(platform) {
  const rust = rustFor(platform.target);
  const libraries = path.join(TARGET, 'node');
  fs.mkdirSync(libraries, { recursive: true });
  // napi-build looks for Node's import library, which nothing is linked with here.
  fs.writeFileSync(path.join(libraries, 'libnode.dll'), '');
  const env = { ...process.env, ...rust.env, ...compilerFor(platform), CARGO_TARGET_DIR: TARGET };
  const args = ['check', '--locked', '--lib', '--target', platform.target, ...rust.args];
  run('cargo', args, { ...env, LIBNODE_PATH: libraries });
}

/** Variables for the target's compilers. @param {Platform} platform @returns {Record<string, string>} */
function compilerFor({ target, linker }) {
  const name = target.replaceAll('-', '_');
  // A library to be loaded needs musl as a library too.
  if (!linker) return { [`CARGO_TARGET_${name.toUpperCase()}_RUSTFLAGS`]: '-C target-feature=-crt-static' };
  return { [`CC_${name}`]: linker, [`CARGO_TARGET_${name.toUpperCase()}_LINKER`]: linker };
}

/**
 * A compiler with the standard library for a target: rustup's, if it has that target (`rustup target add`), or else Debian's, with
 * which the library is compiled from its source.
 *
 * @param {string} target
 * @returns {{ args: string[], env: Record<string, string> }}
 */
function rustFor(target) {
  const { stdout } = spawnSync('rustup', ['target', 'list', '--installed'], { cwd: root, encoding: 'utf8' });
  if (stdout?.split('\n').includes(target)) return { args: [], env: {} };
  ensureServers('rustc-web', 'rust-web-src');
  return { args: ['-Zbuild-std=std,panic_unwind'], env: { RUSTC: '/usr/bin/rustc', RUSTC_BOOTSTRAP: '1' } };
}

/** @param {string} cache @returns {string} folder with `cargo-zigbuild` and zig */
function installZig(cache) {
  const folder = path.join(cache, 'zig');
  const bin = path.join(folder, 'bin');
  if (!fs.existsSync(path.join(bin, 'cargo-zigbuild'))) {
    run('python3', ['-m', 'venv', folder]);
    run(path.join(bin, 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...ZIG]);
  }
  return bin;
}

/** @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
function run(command, args, env = process.env) {
  execFileSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], env });
}

module.exports = { buildFor, check };
