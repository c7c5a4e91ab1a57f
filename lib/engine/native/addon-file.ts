/** Finds the file of the addon where it usually is, and looks at it before it is loaded. */

import { builtin } from '../../platform/node.ts';

/**
 * The folder of this file's bundle, dist/. A bundle of ES modules that somebody made of it has no `__dirname`; the package may
 * be installed beside it.
 */
export const distFolder = (): string | undefined => (typeof __dirname === 'string' ? __dirname : installedDist());

function installedDist(): string | undefined {
  const { dirname, join } = builtin('node:path');
  try {
    const { resolve } = builtin('node:module').createRequire(process.argv[1] ?? join(process.cwd(), 'index.js'));
    return join(dirname(resolve('refport/package.json')), 'dist');
  } catch {
    return undefined;
  }
}

/**
 * The file that the generated loader would find, at the price of two or three look-ups: beside this one, or in a package
 * beside this one. Undefined where it has to search, and where the C library is unclear.
 */
export function likelyFile(): string | undefined {
  const dist = distFolder();
  const libc = likelyLibc();
  if (dist === undefined || libc === undefined) return undefined;
  const { existsSync } = builtin('node:fs');
  const { join } = builtin('node:path');
  const name = nameFor(libc);
  const file = `native.${name}.node`;
  return [join(dist, file), join(dist, '../../@refport', `native-${name}`, file)].find((path) => existsSync(path));
}

/**
 * Name of this platform in names of addons and packages, as the napi CLI writes it: `linux-x64-gnu`, `darwin-arm64`,
 * `win32-x64-msvc`.
 *
 * @param libc - matters on Linux only
 */
export function nameFor(libc: 'gnu' | 'musl'): string {
  const { platform, arch } = process;
  if (platform === 'win32') return `win32-${arch}-msvc`;
  if (platform !== 'linux') return `${platform}-${arch}`;
  return `linux-${arch}-${libc}${arch === 'arm' ? 'eabihf' : ''}`;
}

function likelyLibc(): 'gnu' | 'musl' | undefined {
  const machine = { x64: 'x86_64', arm64: 'aarch64', arm: 'armhf' }[process.arch as string];
  return builtin('node:fs').existsSync(`/lib/ld-musl-${machine}.so.1`) ? libcOfProcess() : 'gnu';
}

/** The C library, by the loader that the start of Node's file names. `process.report` takes 3 ms to say it. */
function libcOfProcess(): 'gnu' | 'musl' | undefined {
  try {
    const start = withFile(process.execPath, (read) => Reflect.apply(String.fromCharCode, undefined, read(1024)));
    return start.includes('/ld-musl-') ? 'musl' : start.includes('/ld-linux') ? 'gnu' : undefined;
  } catch {
    return undefined;
  }
}

/** Half a shared library ends the process that loads it on Linux, where nothing catches that. */
export function assertComplete(file: string): void {
  if (process.platform !== 'linux' || !isIncomplete(file)) return;
  throw new Error(`${file} is incomplete: it was truncated when it was copied or downloaded`);
}

/** The table of sections is the last part of an ELF file, and its header says where that is. */
function isIncomplete(file: string): boolean {
  return withFile(file, (read) => {
    const bytes = read(64);
    if (bytes.length < 64) return true;
    const header = new DataView(bytes.buffer);
    // The loader rejects what is no ELF file.
    if (header.getUint32(0) !== 0x7f454c46) return false;
    const is64 = header.getUint8(4) === 2;
    const start = is64 ? Number(header.getBigUint64(0x28, true)) : header.getUint32(0x20, true);
    const sizes = is64 ? 0x3a : 0x2e;
    const end = start + header.getUint16(sizes, true) * header.getUint16(sizes + 2, true);
    return read(1, end - 1).length === 0;
  });
}

/**
 * Lets `use` read bytes of a file. Each of Node's functions that runs for the first time adds up to 0.1 ms to the first call
 * of a process, and those of `Buffer` and `fs.Stats` are not needed here.
 */
function withFile<T>(file: string, use: (read: (length: number, position?: number) => Uint8Array) => T): T {
  const { closeSync, openSync, readSync } = builtin('node:fs');
  const descriptor = openSync(file, 'r');
  try {
    return use((length, position = 0) => {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position));
    });
  } finally {
    closeSync(descriptor);
  }
}
