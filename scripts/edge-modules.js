'use strict';

// Writes edge/: what Workers and Edge runtimes get of the package, the same modules as ES modules. A bundler wraps every
// CommonJS module and leaves nothing out of it, which is a sixth of what a Worker weighs.
//
//   node scripts/edge-modules.js
//
// Run by `npm run build`, and by `prepare` before the package is packed.

const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const ENTRIES = ['index.js', 'result.js', 'webhooks.js'];

/** What `#engine` and the like are there. */
const aliases = new Map(
  Object.entries(require('../package.json').imports).map(([alias, { workerd }]) => [alias, workerd]),
);

/**
 * The source of a CommonJS module, written as they are here, as an ES module without comments.
 * @param {string} source
 * @param {(name: string) => string} specifierOf what to import for what is required
 * @throws for a form that is not known
 */
function asModule(source, specifierOf) {
  /** @type {string[]} */
  const imported = [];
  const bring = (/** @type {string} */ what, /** @type {string} */ name) => {
    imported.push(`${what} from '${specifierOf(name)}';`);
    return '';
  };
  const code = source
    .replace(/\/\*\*(?:(?!\*\/)[\s\S])*\*\/\s*|^ *\/\/.*\n|^'use strict';\n/gm, '')
    .replace(/^ *const (\{[^}]*\}) = require\('([^']+)'\);\n/gm, (_, names, name) => bring(`import ${names}`, name))
    .replace(/^ *const (\w+) = require\('([^']+)'\);\n/gm, (_, local, name) => bring(`import * as ${local}`, name))
    .replace(/^module\.exports = \{([^}]*)\};\n/m, (_, names) => `export {${names}};\n`)
    .replace(/ \.\.\.require\('([^']+)'\),/, (_, name) => bring('export *', name))
    .replace(/\brequire\('([^']+)'\)/g, (_, name) => {
      const local = `module${imported.length}`;
      bring(`import * as ${local}`, name);
      return local;
    });
  const [unknown] = code.match(/.*\b(require\(|module\.exports).*/) ?? [];
  if (unknown) throw new Error(`no form that this knows: ${unknown}`);
  return `${imported.join('\n')}\n${code.replace(/\n{2,}/g, '\n')}`;
}

/**
 * Writes a module.
 * @param {string} target folder
 * @param {string} file below the root
 * @returns {string[]} what it requires
 */
function write(target, file) {
  const folder = path.posix.dirname(file);
  /** @type {string[]} */
  const required = [];
  const code = asModule(fs.readFileSync(path.join(root, file), 'utf8'), (name) => {
    const found = path.posix.normalize(aliases.get(name) ?? path.posix.join(folder, name));
    required.push(found);
    const specifier = path.posix.relative(folder, found).replace(/\.js$/, '.mjs');
    return specifier.startsWith('.') ? specifier : `./${specifier}`;
  });
  const written = path.join(target, file.replace(/\.js$/, '.mjs'));
  fs.mkdirSync(path.dirname(written), { recursive: true });
  fs.writeFileSync(written, code);
  return required;
}

/** @param {string} [target] folder, which is emptied */
function writeEdgeModules(target = path.join(root, 'edge')) {
  fs.rmSync(target, { recursive: true, force: true });
  const files = new Set(ENTRIES);
  for (const file of files) for (const required of write(target, file)) files.add(required);
}

module.exports = { asModule, writeEdgeModules };

if (require.main === module) writeEdgeModules();
