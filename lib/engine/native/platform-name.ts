import { nameFor } from './addon-file.ts';

/** @types/node 20 does not have `excludeNetwork`. */
interface Report {
  excludeNetwork: boolean;
  getReport(): object;
}

/** Name of this platform, with the C library that Node reports: see {@link nameFor}. */
export const platformName = (): string => nameFor(glibcVersion() === undefined ? 'musl' : 'gnu');

/** The names that a Linux of this architecture can have. */
export const linuxNames = (): string[] => (process.platform === 'linux' ? [nameFor('gnu'), nameFor('musl')] : []);

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
