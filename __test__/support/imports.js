'use strict';

const fs = require('node:fs');
const path = require('node:path');

/**
 * Which file imports which, read from the source: JavaScript and Rust.
 * @module
 */

const root = path.resolve(__dirname, '../..');

/** What each file imports of the others, as paths in the repository. @typedef {Map<string, string[]>} Imports */

/**
 * @param {string[]} places files and folders in the repository
 * @param {RegExp} wanted
 * @returns {string[]}
 */
function filesIn(places, wanted) {
  return places
    .flatMap((place) => {
      if (fs.statSync(path.join(root, place)).isFile()) return [place];
      const found = fs.readdirSync(path.join(root, place), { recursive: true, encoding: 'utf8' });
      return found.map((name) => path.posix.join(place, name.replaceAll('\\', '/')));
    })
    .filter((file) => wanted.test(file))
    .sort();
}

/** @param {string} text */
const withoutComments = (text) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');

/** Imports of types load nothing. @param {string} text */
const withoutTypes = (text) => text.replace(/^(?:import|export) type [^;]+;/gm, '');

/**
 * What JavaScript and TypeScript load.
 *
 * @param {string[]} places
 * @returns {Imports}
 */
function javascriptImports(places) {
  const files = filesIn(places, /(?<!\.d)\.(m?js|ts)$/);
  /** @type {Record<string, unknown>} */
  const aliases = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).imports;
  return new Map(files.map((file) => [file, loaded(file, aliases).filter((target) => files.includes(target))]));
}

/**
 * @param {string} file
 * @param {Record<string, unknown>} aliases `imports` of package.json, which may choose by condition
 */
function loaded(file, aliases) {
  const text = withoutTypes(withoutComments(fs.readFileSync(path.join(root, file), 'utf8')));
  const specifiers = [...text.matchAll(/(?:\brequire\(|\bimport\(|\bfrom |\bimport )\s*'([.#][^']+)'/g)];
  return specifiers.flatMap(([, specifier = '']) => {
    if (specifier.startsWith('#')) return leaves(aliases[specifier]).map((target) => path.posix.normalize(target));
    return [path.posix.join(path.posix.dirname(file), specifier)];
  });
}

/** @param {unknown} value @returns {string[]} */
const leaves = (value) => (typeof value === 'string' ? [value] : Object.values(value ?? {}).flatMap(leaves));

/**
 * The paths that the crate's modules name, their unit tests apart.
 *
 * @param {string} folder
 * @returns {Imports}
 */
function rustImports(folder) {
  const files = filesIn([folder], /(?<!_tests)\.rs$/);
  return new Map(
    files.map((file) => {
      const source = withoutComments(fs.readFileSync(path.join(root, file), 'utf8'));
      const [text = ''] = source.split(/^#\[cfg\(test\)\]\nmod /m);
      const targets = [...fromRoot(text), ...fromChildren(file, text)].flatMap(
        (steps) => moduleFile(files, folder, steps) ?? [],
      );
      return [file, [...new Set(targets)].filter((target) => target !== file)];
    }),
  );
}

const PATH = '(?:::(?:\\w+|\\*|\\{(?:[^{}]|\\{[^{}]*\\})*\\}))+';

/** @param {string} text @returns {string[][]} the steps of paths that begin with `crate` */
const fromRoot = (text) =>
  [...text.matchAll(new RegExp(`\\bcrate${PATH}`, 'g'))].flatMap(([use]) => paths(use)).map((steps) => steps.slice(1));

/**
 * A module calls the modules inside it by name alone.
 *
 * @param {string} file
 * @param {string} text
 * @returns {string[][]}
 */
function fromChildren(file, text) {
  const children = [...text.matchAll(/^(?:pub(?:\(crate\))? )?mod (\w+);/gm)].map(([, name]) => name);
  if (children.length === 0) return [];
  const own = file.split('/').slice(1, -1);
  const named = text.matchAll(new RegExp(`(?<!::|\\w)(?:${children.join('|')})${PATH}`, 'g'));
  return [...named].flatMap(([use]) => paths(use)).map((steps) => [...own, ...steps]);
}

/** `crate::a::{b::C, d}` is `crate::a::b::C` and `crate::a::d`. @param {string} use @returns {string[][]} */
function paths(use) {
  const [, before = '', inside] = /^([^{]*)(?:\{([\s\S]*)\})?$/.exec(use) ?? [];
  const steps = before
    .split('::')
    .map((step) => step.trim().replace(/ as \w+$/, ''))
    .filter(Boolean);
  if (inside === undefined) return [steps];
  const members = inside
    .split(/,(?![^{]*\})/)
    .map((member) => member.trim())
    .filter(Boolean);
  return members.flatMap((member) => paths(member).map((rest) => [...steps, ...rest]));
}

/**
 * The innermost module that a path leads through.
 *
 * @param {string[]} files
 * @param {string} folder
 * @param {string[]} steps
 * @returns {string | undefined}
 */
function moduleFile(files, folder, steps) {
  for (let length = steps.length; length > 0; length--) {
    const module = path.posix.join(folder, ...steps.slice(0, length));
    const file = [`${module}.rs`, `${module}/mod.rs`].find((name) => files.includes(name));
    if (file) return file;
  }
  return undefined;
}

/**
 * @param {Imports} imports
 * @returns {string[]} the first circle found, its first file repeated at the end; empty if there is none
 */
function circle(imports) {
  const done = new Set();
  /** @param {string} file @param {string[]} trail @returns {string[]} */
  const follow = (file, trail) => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const target of imports.get(file) ?? []) {
      const found = follow(target, [...trail, file]);
      if (found.length > 0) return found;
    }
    done.add(file);
    return [];
  };
  for (const file of imports.keys()) {
    const found = follow(file, []);
    if (found.length > 0) return found;
  }
  return [];
}

module.exports = { circle, javascriptImports, rustImports };
