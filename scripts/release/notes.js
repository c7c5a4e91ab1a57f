'use strict';

// Prints what the changelog says about a version: node scripts/release/notes.js 1.2.3

const fs = require('node:fs');
const path = require('node:path');

/**
 * @param {string} changelog
 * @param {string} version
 * @returns {string | undefined} the text of its section; `undefined` if there is none
 */
function notesOf(changelog, version) {
  const section = changelog.split(/^## /m).find((text) => text.startsWith(`[${version}]`));
  return section?.split('\n').slice(1).join('\n').trim();
}

if (require.main === module) {
  const changelog = fs.readFileSync(path.resolve(__dirname, '../../CHANGELOG.md'), 'utf8');
  const notes = notesOf(changelog, process.argv[2] ?? '');
  if (notes) console.log(notes);
  else process.exitCode = 1;
}

module.exports = { notesOf };
