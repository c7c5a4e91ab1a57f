import { RefportError } from '../../client/errors.ts';

/** A package that an entry needs, and that its users install. */
export interface Peer {
  /** The entry that needs it, such as `refport/outbox/bullmq`. */
  readonly entry: string;
  readonly name: string;
  /** The packages to install if it is missing, separated by spaces. */
  readonly install: string;
  /** The lowest version that works, such as `'5.0'`. */
  readonly minimum: string;
}

/**
 * Loads a package that may be missing or too old.
 *
 * @param load - requires it; `require` calls stay where bundlers see them
 * @param version - reads the version of what was loaded, if it can
 * @throws {RefportError} with the code `MISSING_DEPENDENCY`
 */
export function requirePeer<T>(peer: Peer, load: () => T, version: () => string | undefined): T {
  const loaded = loadPeer(peer, load);
  const found = version();
  if (found !== undefined && isOlder(found, peer.minimum)) {
    const message = `${peer.entry} needs ${peer.name} ≥ ${peer.minimum}, found ${found}: npm install ${peer.install}`;
    throw new RefportError(message, { code: 'MISSING_DEPENDENCY' });
  }
  return loaded;
}

function loadPeer<T>({ entry, install }: Peer, load: () => T): T {
  try {
    return load();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ERR_REQUIRE_ESM') {
      const message = `${entry} needs Node.js 20.19, 22.12 or newer: its package is an ES module`;
      throw new RefportError(message, { code: 'MISSING_DEPENDENCY', cause });
    }
    if (code !== 'MODULE_NOT_FOUND') throw cause;
    const message = `${entry} needs packages that are not installed: npm install ${install}`;
    throw new RefportError(message, { code: 'MISSING_DEPENDENCY', cause });
  }
}

/** Whether a version is below a minimum of as many numbers as count. */
export function isOlder(version: string, minimum: string): boolean {
  const found = version.split('.').map((part) => Number.parseInt(part, 10));
  for (const [index, least] of minimum.split('.').map(Number).entries()) {
    const number = found[index] ?? 0;
    if (number !== least) return number < least;
  }
  return false;
}
