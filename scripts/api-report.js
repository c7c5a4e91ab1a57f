'use strict';

// The public types as one text, without comments and sorted: a pull request that changes them shows how in its diff.
//
//   node scripts/api-report.js --write    writes __test__/types/api-report.txt

const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const REPORT = path.join(root, '__test__', 'types', 'api-report.txt');

/** The current TypeScript has no API in JavaScript. @returns {any} */
const typescript = () => require('../__test__/types/typescript-4.7/node_modules/typescript');

/** @returns {Array<[name: string, file: string]>} the entries that declare types, as users import them */
function entries() {
  const { name, exports } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  return Object.entries(exports).flatMap(([entry, { types }]) =>
    types ? [[path.posix.join(name, entry), path.join(root, types)]] : [],
  );
}

/** @returns {string} */
function apiReport() {
  const ts = typescript();
  const all = entries();
  const program = ts.createProgram(
    all.map(([, file]) => file),
    { strict: true, types: [], skipLibCheck: true, target: ts.ScriptTarget.ES2020 },
  );
  const checker = program.getTypeChecker();
  const sections = all.map(([entry, file]) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file));
    const exported = checker.getExportsOfModule(module).map((/** @type {any} */ symbol) => {
      const original = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      return declarations(ts, symbol.name, original);
    });
    return [`// ${entry}`, ...exported.sort()].join('\n\n');
  });
  return `${sections.join('\n\n')}\n`;
}

/**
 * @param {any} ts
 * @param {string} name by which it is exported
 * @param {any} symbol
 * @returns {string}
 */
function declarations(ts, name, symbol) {
  const printer = ts.createPrinter({ removeComments: true });
  const texts = (symbol.declarations ?? []).map((/** @type {any} */ declaration) => {
    const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
    const text = printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile());
    return text.replace(/^(export )?(default )?(declare )?/, 'export ');
  });
  const renamed = symbol.name === name ? [] : [`// as ${name}:`];
  return [...renamed, ...texts].join('\n');
}

if (require.main === module) {
  if (!process.argv.includes('--write')) process.stdout.write(apiReport());
  else fs.writeFileSync(REPORT, apiReport());
}

module.exports = { apiReport, REPORT };
