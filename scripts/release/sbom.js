'use strict';

// Writes the software bill of materials of the native addon in CycloneDX 1.6. The npm side has nothing to list: the
// package depends on its own platform packages alone.
//
//   node scripts/release/sbom.js sbom/refport.cdx.json

const fs = require('node:fs');
const path = require('node:path');
const { linkedCrates } = require('./crates.js');

/** @import { Crate } from './crates.js' */

/** @param {{ name: string, version: string }} crate */
const urlOf = ({ name, version }) => `pkg:cargo/${name}@${version.replaceAll('+', '%2B')}`;

/**
 * @param {{ name: string, version: string, license: string }} manifest package.json
 * @param {Crate[]} crates our own first
 * @param {Date} date
 */
function billOfMaterials(manifest, crates, date) {
  const [own, ...others] = crates;
  if (!own) throw new Error('There are no crates.');
  const product = `pkg:npm/${manifest.name}@${manifest.version}`;
  const byName = new Map(others.map((crate) => [`${crate.name}@${crate.version}`, urlOf(crate)]));
  /** @param {Crate} crate */
  const needs = (crate) => crate.needs.map((name) => byName.get(name)).filter((url) => url !== undefined);
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: date.toISOString(),
      component: {
        type: 'library',
        'bom-ref': product,
        name: manifest.name,
        version: manifest.version,
        purl: product,
        licenses: [{ license: { id: manifest.license } }],
      },
    },
    components: others.map((crate) => ({
      type: 'library',
      'bom-ref': urlOf(crate),
      name: crate.name,
      version: crate.version,
      purl: urlOf(crate),
      scope: 'required',
      licenses: [{ expression: crate.license }],
      ...(crate.checksum && { hashes: [{ alg: 'SHA-256', content: crate.checksum }] }),
    })),
    dependencies: [
      { ref: product, dependsOn: needs(own) },
      ...others.map((crate) => ({ ref: urlOf(crate), dependsOn: needs(crate) })),
    ],
  };
}

function main() {
  const root = path.resolve(__dirname, '../..');
  const file = path.resolve(process.argv[2] ?? path.join(root, 'sbom', 'refport.cdx.json'));
  const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  const bom = billOfMaterials(manifest, linkedCrates(root), new Date());
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${JSON.stringify(bom, null, 2)}\n`);
  console.log(`${file}: ${bom.components.length} components`);
}

if (require.main === module) main();

module.exports = { billOfMaterials };
