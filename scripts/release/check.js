'use strict';

// Decides whether a tag is a release: `v` and the version of package.json, for which the changelog has a section.
//
//   node scripts/release/check.js v1.2.3
//
// Prints the answer, and writes it to $GITHUB_OUTPUT for the workflow.

const fs = require('node:fs');
const path = require('node:path');
const { notesOf } = require('./notes.js');

/**
 * @param {{ tag: string, npm: string, changelog: string }} state `npm`: the version of package.json
 * @returns {{ version: string, tag: 'latest' | 'next' }} `tag`: npm's
 * @throws {Error} if something does not match
 */
function releaseOf({ tag, npm, changelog }) {
  const version = /^v(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$/.exec(tag)?.[1];
  if (!version) throw new Error(`The tag ${tag} is no version, such as v1.2.3.`);
  if (npm !== version) throw new Error(`The tag is ${tag}, package.json says ${npm}.`);
  const notes = notesOf(changelog, version);
  if (notes === undefined) throw new Error(`CHANGELOG.md has no section "## [${version}]".`);
  if (notes === '') throw new Error(`CHANGELOG.md says nothing about ${version}.`);
  return { version, tag: version.includes('-') ? 'next' : 'latest' };
}

function main() {
  const root = path.resolve(__dirname, '../..');
  /** @param {string} name */
  const read = (name) => fs.readFileSync(path.join(root, name), 'utf8');
  const result = releaseOf({
    tag: process.argv[2] ?? '',
    npm: JSON.parse(read('package.json')).version,
    changelog: read('CHANGELOG.md'),
  });
  const lines = Object.entries(result).map(([name, value]) => `${name}=${value}`);
  console.log(lines.join('\n'));
  if (process.env.GITHUB_OUTPUT) fs.appendFileSync(process.env.GITHUB_OUTPUT, `${lines.join('\n')}\n`);
}

if (require.main === module) {
  try {
    main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

module.exports = { releaseOf };
