'use strict';

/** What the figures were measured on and with. */

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const zlib = require('node:zlib');
const { execFileSync } = require('node:child_process');
const { ROOT } = require('./prepare.js');

function describeMachine() {
  const cpus = os.cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: `${cpus.length} × ${cpus[0].model.trim()}`,
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release().split('-')[0]} ${os.arch()}`,
    versions: {
      node: process.versions.node,
      "fetch (Node's undici)": process.versions.undici,
      refport: packageVersion(ROOT),
      undici: installed('undici'),
      impit: installed('impit'),
      reqwest: crate('reqwest'),
      rustls: crate('rustls'),
      tokio: crate('tokio'),
      rustc: execFileSync('rustc', ['--version'], { encoding: 'utf8' }).split(' ')[1],
    },
  };
}

/** @typedef {ReturnType<typeof describeMachine>} Machine */

/**
 * The addon as it ships; the release profile strips it.
 * @param {string} file
 */
function measureBinary(file) {
  const bytes = fs.readFileSync(file);
  return { file: path.basename(file), bytes: bytes.length, gzipBytes: zlib.gzipSync(bytes, { level: 9 }).length };
}

/** @typedef {ReturnType<typeof measureBinary>} Binary */

/** @param {string} folder */
function packageVersion(folder) {
  return String(JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).version);
}

/** @param {string} name */
function installed(name) {
  return packageVersion(path.join(__dirname, 'node_modules', name));
}

/** @param {string} name */
function crate(name) {
  const lock = fs.readFileSync(path.join(ROOT, 'Cargo.lock'), 'utf8');
  return lock.match(new RegExp(`name = "${name}"\nversion = "(.+)"`))?.[1] ?? 'unknown';
}

module.exports = { describeMachine, measureBinary };
