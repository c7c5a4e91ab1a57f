'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

/**
 * A crate that ends up in the binary.
 * @typedef {object} Crate
 * @property {string} name
 * @property {string} version
 * @property {string} license SPDX expression
 * @property {string[]} authors
 * @property {string} folder where its source lies
 * @property {string | undefined} checksum SHA-256 of the crate file; none for our own
 * @property {string[]} needs crates it is linked with, as `name@version`
 */

/**
 * @typedef {object} Metadata what `cargo metadata` prints, as far as it is used
 * @property {Array<{ id: string, name: string, version: string, license: string | null, authors: string[],
 *   manifest_path: string, targets: Array<{ kind: string[] }> }>} packages
 * @property {{ nodes: Array<{ id: string, deps: Array<{ pkg: string, dep_kinds: Array<{ kind: string | null }> }> }> }} resolve
 */

/**
 * The crates that the addon links for the targets that are published: neither tests nor what only builds it.
 *
 * @param {string} root
 * @returns {Crate[]} our own first
 */
function linkedCrates(root) {
  const { packages, resolve } = metadata(root);
  const checksums = lockedChecksums(root);
  const byId = new Map(packages.map((crate) => [crate.id, crate]));
  const edges = new Map(resolve.nodes.map(({ id, deps }) => [id, deps]));

  /** @param {string} id */
  const linked = (id) =>
    (edges.get(id) ?? [])
      .filter(({ dep_kinds }) => dep_kinds.some(({ kind }) => kind === null))
      .map(({ pkg }) => pkg)
      .filter((pkg) => !byId.get(pkg)?.targets.some(({ kind }) => kind.includes('proc-macro')));

  /** @param {string} id */
  const nameOf = (id) => `${byId.get(id)?.name}@${byId.get(id)?.version}`;

  const own = packages.find(({ name }) => name === 'refport');
  if (!own) throw new Error('cargo metadata does not know the crate refport.');
  const found = new Set([own.id]);
  for (const id of found) for (const next of linked(id)) found.add(next);

  return [...found].map((id) => {
    const crate = /** @type {Metadata['packages'][number]} */ (byId.get(id));
    return {
      name: crate.name,
      version: crate.version,
      // The older way to write a choice.
      license: (crate.license ?? 'NOASSERTION').replace(/ ?\/ ?/g, ' OR '),
      authors: crate.authors,
      folder: path.dirname(crate.manifest_path),
      checksum: checksums.get(nameOf(id)),
      needs: linked(id).map(nameOf),
    };
  });
}

/**
 * @param {string} root
 * @returns {Metadata}
 */
function metadata(root) {
  /** @type {string[]} */
  const targets = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).napi.targets;
  const filters = targets.flatMap((target) => ['--filter-platform', target]);
  const args = ['metadata', '--format-version', '1', '--locked', ...filters];
  return JSON.parse(execFileSync('cargo', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 << 20 }));
}

/** @param {string} root */
function lockedChecksums(root) {
  const lock = fs.readFileSync(path.join(root, 'Cargo.lock'), 'utf8');
  const entries = lock.matchAll(/^name = "(.+)"\nversion = "(.+)"\nsource = .+\nchecksum = "(.+)"/gm);
  return new Map([...entries].map(([, name, version, checksum]) => [`${name}@${version}`, checksum]));
}

module.exports = { linkedCrates };
