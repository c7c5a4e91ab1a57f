'use strict';

// The recipes of docs/landing.md, as modules that frameworks load.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '../..');
const page = fs.readFileSync(path.join(root, 'docs', 'landing.md'), 'utf8');

/** Language and code of each recipe, by its name. */
const recipes = new Map(
  [...page.matchAll(/^```([jt]s) ([a-z0-9-]+)\n([\s\S]*?)^```$/gm)].map(([, language = '', name = '', code = '']) => [
    name,
    { language, code },
  ]),
);

/** The fragments between the recipes, by their names. */
const fragments = new Map(
  [...page.matchAll(/^```js part ([a-z-]+)\n([\s\S]*?)^```$/gm)].map(([, name = '', code = '']) => [name, code]),
);

/** @param {string} name */
function recipe(name) {
  const found = recipes.get(name);
  if (!found) throw new Error(`docs/landing.md has no recipe ${name}`);
  return found;
}

/**
 * Writes a recipe to a file.
 *
 * @param {string} name
 * @param {string} file without its ending
 * @returns {string} the file with its ending, `.js`; one in TypeScript is CommonJS without types, and ends in `.cjs`
 */
function writeRecipe(name, file) {
  const { code, language } = recipe(name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(`${file}.${language}`, code);
  if (language === 'js') return `${file}.js`;
  const rolldown = path.join(root, 'node_modules', 'rolldown', 'bin', 'cli.mjs');
  const external = ['--external', 'refport', '--external', 'next/server'];
  const args = [rolldown, `${file}.ts`, '--format', 'cjs', ...external, '--file', `${file}.cjs`];
  execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  return `${file}.cjs`;
}

module.exports = { fragments, recipe, recipes, writeRecipe };
