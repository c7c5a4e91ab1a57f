/** @types/node 20 does not have `excludeNetwork`. */
interface Report {
  excludeNetwork: boolean;
  getReport(): object;
}

/**
 * Name of this platform in names of addons and packages, as the napi CLI writes it: `linux-x64-gnu`, `darwin-arm64`,
 * `win32-x64-msvc`.
 */
export function platformName(): string {
  const { platform, arch } = process;
  if (platform === 'win32') return `win32-${arch}-msvc`;
  if (platform !== 'linux') return `${platform}-${arch}`;
  return linuxName(glibcVersion() === undefined ? 'musl' : 'gnu');
}

/** The names that a Linux of this architecture can have. */
export const linuxNames = (): string[] => (process.platform === 'linux' ? [linuxName('gnu'), linuxName('musl')] : []);

const linuxName = (libc: 'gnu' | 'musl') => `linux-${process.arch}-${libc}${process.arch === 'arm' ? 'eabihf' : ''}`;

function glibcVersion(): string | undefined {
  const report: Report & typeof process.report = Object.assign(process.report, { excludeNetwork: true });
  try {
    const { header } = report.getReport() as { header: { glibcVersionRuntime?: string } };
    return header.glibcVersionRuntime;
  } catch {
    // Deno gives none without --allow-sys.
    return 'of unknown version';
  }
}

/** The C library of a Linux system, such as `'glibc 2.36'`. */
export function libc(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const version = glibcVersion();
  return version === undefined ? 'musl' : `glibc ${version}`;
}
