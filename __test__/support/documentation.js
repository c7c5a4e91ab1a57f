'use strict';

// The code in the README and in docs/, for the tests that run it.

const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '../..');

const pages = ['README.md', ...fs.readdirSync(path.join(root, 'docs')).map((file) => path.join('docs', file))]
  .filter((file) => file.endsWith('.md'))
  .map((file) => ({ file, text: fs.readFileSync(path.join(root, file), 'utf8') }));

/** The other pages of the repository, whose links and paths are checked too. */
const others = [
  'ARCHITECTURE.md',
  '.github/CONTRIBUTING.md',
  '.github/SECURITY.md',
  'CHANGELOG.md',
  '__test__/README.md',
  'bench/README.md',
  'examples/README.md',
  '__test__/fuzz/README.md',
].map((file) => ({ file, text: fs.readFileSync(path.join(root, file), 'utf8') }));

/** Every block of code: its language and text, the heading it stands under, and where that is. */
const blocks = pages.flatMap(({ file, text }) =>
  [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(({ 1: language = '', 2: code = '', index }) => {
    const before = text.slice(0, index);
    const [, heading = ''] = [...before.matchAll(/^#+ (.+)$/gm)].at(-1) ?? [];
    /** The file that the code is, where its first line says so. @type {string | undefined} */
    const name = /^\/\/ ([\w/.-]+\.ts)\n/.exec(code)?.[1];
    return { language, code, heading, name, title: `${file}, ${heading}, line ${before.split('\n').length + 1}` };
  }),
);

module.exports = { blocks, others, pages };
