/** Finds the file of the addon, and looks at it before it is loaded. */

import { builtin } from '../../platform/node.ts';

/**
 * Where this file is bundled to: dist/. A bundle of ES modules that somebody made of it has no `__dirname`; the package may
 * be installed beside it.
 */
const distFolder = (): string | undefined => (typeof __dirname === 'string' ? __dirname : installedDist());

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
  if (dist === undefined) return undefined;
  const { platform, arch } = process;
  const name =
    platform === 'linux' ? gnuName(arch) : platform === 'win32' ? `win32-${arch}-msvc` : `${platform}-${arch}`;
  const { existsSync } = builtin('node:fs');
  const { join } = builtin('node:path');
  const file = `native.${name}.node`;
  return (
    name && [join(dist, file), join(dist, '../../@refport', `native-${name}`, file)].find((path) => existsSync(path))
  );
}

/** The name of a Linux with glibc; undefined where there is musl, too. */
function gnuName(arch: string): string | undefined {
  const machine = { x64: 'x86_64', arm64: 'aarch64', arm: 'armhf' }[arch];
  if (builtin('node:fs').existsSync(`/lib/ld-musl-${machine}.so.1`)) return undefined;
  return `linux-${arch}-gnu${arch === 'arm' ? 'eabihf' : ''}`;
}

/** The files that the generated loader would load, as far as they exist. @param names of platforms */
export function addonFiles(names: string[]): string[] {
  const { existsSync } = builtin('node:fs');
  const forced = process.env.NAPI_RS_NATIVE_LIBRARY_PATH;
  if (forced) return existsSync(forced) ? [forced] : [];
  const dist = distFolder();
  if (dist === undefined) return [];
  return names.flatMap((name) => {
    const built = builtin('node:path').join(dist, `native.${name}.node`);
    return existsSync(built) ? [built] : (installed(name) ?? []);
  });
}

function installed(name: string): string | undefined {
  try {
    return require.resolve(`@refport/native-${name}`);
  } catch {
    return undefined;
  }
}

/** Names of the packages with addons beside this one, for whatever platform. */
export function installedPackages(): string[] {
  const dist = distFolder();
  if (dist === undefined) return [];
  try {
    return builtin('node:fs')
      .readdirSync(builtin('node:path').join(dist, '../../@refport'))
      .filter((name) => name.startsWith('native-'))
      .map((name) => `@refport/${name}`);
  } catch {
    return [];
  }
}

/** Half a shared library ends the process that loads it on Linux, where nothing catches that. */
export function assertComplete(file: string): void {
  if (process.platform !== 'linux' || !isIncomplete(file)) return;
  throw new Error(`${file} is incomplete: it was truncated when it was copied or downloaded`);
}

/** The table of sections is the last part of an ELF file, and its header says where that is. */
function isIncomplete(file: string): boolean {
  const fs = builtin('node:fs');
  const header = Buffer.alloc(64);
  const descriptor = fs.openSync(file, 'r');
  try {
    const { size } = fs.fstatSync(descriptor);
    if (fs.readSync(descriptor, header) < header.length) return true;
    // The loader rejects what is no ELF file.
    if (header.toString('latin1', 0, 4) !== '\x7fELF') return false;
    const is64 = header[4] === 2;
    const start = is64 ? Number(header.readBigUInt64LE(0x28)) : header.readUInt32LE(0x20);
    const length = is64
      ? header.readUInt16LE(0x3a) * header.readUInt16LE(0x3c)
      : header.readUInt16LE(0x2e) * header.readUInt16LE(0x30);
    return start + length > size;
  } finally {
    fs.closeSync(descriptor);
  }
}
