'use strict';

// Carries the version of package.json over to Cargo.toml and Cargo.lock; `npm version` runs it before it commits.

const fs = require('node:fs');
const path = require('node:path');

/**
 * @param {string} root
 * @returns {string} the version
 */
function syncVersion(root) {
  const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  replace(path.join(root, 'Cargo.toml'), /^version = ".+"/m, `version = "${version}"`);
  replace(path.join(root, 'Cargo.lock'), /(?<=^name = "refport"\n)version = ".+"/m, `version = "${version}"`);
  return version;
}

/**
 * @param {string} file
 * @param {RegExp} pattern
 * @param {string} text
 */
function replace(file, pattern, text) {
  const before = fs.readFileSync(file, 'utf8');
  if (!pattern.test(before)) throw new Error(`${file} has no version to replace.`);
  fs.writeFileSync(file, before.replace(pattern, text));
}

if (require.main === module) console.log(`Cargo.toml: ${syncVersion(path.resolve(__dirname, '../..'))}`);

module.exports = { syncVersion };
