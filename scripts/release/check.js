'use strict';

// Decides whether the commit at hand is a release: its subject is a version, and package.json and the changelog agree.
// Prints the answer, and writes it to $GITHUB_OUTPUT for the workflow.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { notesOf } = require('./notes.js');

/**
 * @param {{ subject: string, npm: string, changelog: string }} state
 * @returns {{ release: false } | { release: true, version: string, tag: 'latest' | 'next' }}
 * @throws {Error} if the commit claims to be a release but something does not match
 */
function releaseOf({ subject, npm, changelog }) {
  const version = /^v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$/.exec(subject.trim())?.[1];
  if (!version) return { release: false };
  if (npm !== version) throw new Error(`The commit says ${version}, package.json says ${npm}.`);
  const notes = notesOf(changelog, version);
  if (notes === undefined) throw new Error(`CHANGELOG.md has no section "## [${version}]".`);
  if (notes === '') throw new Error(`CHANGELOG.md says nothing about ${version}.`);
  return { release: true, version, tag: version.includes('-') ? 'next' : 'latest' };
}

function main() {
  const root = path.resolve(__dirname, '../..');
  /** @param {string} name */
  const read = (name) => fs.readFileSync(path.join(root, name), 'utf8');
  const result = releaseOf({
    subject: process.argv[2] ?? execFileSync('git', ['log', '-1', '--pretty=%s'], { cwd: root, encoding: 'utf8' }),
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
