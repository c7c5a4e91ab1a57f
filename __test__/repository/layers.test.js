'use strict';

// Imports run one way. Each layer says which others it may import from; ARCHITECTURE.md draws the same picture.

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { circle, javascriptImports, rustImports } = require('../support/imports.js');

/**
 * @typedef {object} Layer
 * @property {string} name
 * @property {RegExp} files a file belongs to the first layer that it matches
 * @property {string[]} uses names of other layers
 */

/** @type {Layer[]} */
const rust = [
  { name: 'exports', files: /^src\/lib\.rs/, uses: ['bridge', 'outbox', 'api'] },
  { name: 'bridge', files: /^src\/bridge\//, uses: ['outbox', 'api', 'runtime'] },
  { name: 'outbox', files: /^src\/outbox\//, uses: ['api', 'runtime'] },
  { name: 'api', files: /^src\/api\//, uses: ['http', 'runtime'] },
  { name: 'http', files: /^src\/http\//, uses: ['runtime'] },
  { name: 'runtime', files: /^src\/runtime\.rs/, uses: [] },
];

/** @type {Layer[]} */
const javascript = [
  {
    name: 'commands',
    files: /^lib\/cli\//,
    uses: [
      ...['facade', 'engine', 'outbox', 'base'],
      ...['sandbox', 'sandbox dashboard', 'sandbox faults', 'sandbox base'],
    ],
  },
  {
    name: 'entries',
    files: /^lib\/(?!version)[\w-]+\.ts$/,
    uses: ['facade', 'click', 'outbox', 'webhooks', 'base', 'sandbox', 'sandbox base', 'commands'],
  },
  { name: 'outbox', files: /^lib\/outbox\//, uses: ['facade', 'engine', 'platform', 'base'] },
  { name: 'webhooks', files: /^lib\/webhooks\//, uses: ['base', 'platform'] },
  { name: 'click', files: /^lib\/click\//, uses: ['base', 'platform'] },
  { name: 'engine', files: /^lib\/engine\//, uses: ['platform', 'base'] },
  { name: 'platform', files: /^lib\/platform\//, uses: [] },
  {
    name: 'base',
    files:
      /^lib\/(version|client\/(abort-signal|disposable|errors|headers|operations|option-names|option-values|params|warn))\.ts/,
    uses: ['platform'],
  },
  { name: 'facade', files: /^lib\/client\//, uses: ['engine', 'platform', 'base'] },
  { name: 'pages', files: /^sandbox\/dashboard\/browser\//, uses: [] },
  {
    name: 'sandbox dashboard',
    files: /^sandbox\/dashboard\//,
    uses: ['sandbox records', 'sandbox api', 'sandbox http', 'sandbox base'],
  },
  { name: 'sandbox faults', files: /^sandbox\/faults\//, uses: ['sandbox api', 'sandbox http', 'sandbox base'] },
  { name: 'sandbox records', files: /^sandbox\/records\//, uses: ['sandbox api', 'sandbox base'] },
  { name: 'sandbox api', files: /^sandbox\/api\//, uses: ['sandbox http', 'sandbox base'] },
  { name: 'sandbox http', files: /^sandbox\/http\//, uses: ['sandbox base'] },
  { name: 'sandbox base', files: /^sandbox\/(check|errors|options|random)\.ts/, uses: [] },
  {
    name: 'sandbox',
    files: /^sandbox\//,
    uses: ['sandbox dashboard', 'sandbox faults', 'sandbox records', 'sandbox api', 'sandbox http', 'sandbox base'],
  },
];

/**
 * @param {Layer[]} layers
 * @param {import('../support/imports.js').Imports} imports
 * @returns {string[]} what must not be
 */
function against(layers, imports) {
  const layerOf = (/** @type {string} */ file) => layers.find(({ files }) => files.test(file));
  return [...imports].flatMap(([file, targets]) => {
    const layer = layerOf(file);
    if (!layer) return [`${file} is in no layer`];
    return targets.flatMap((target) => {
      const other = layerOf(target)?.name ?? 'no layer';
      if (other === layer.name || layer.uses.includes(other)) return [];
      return [`${file} (${layer.name}) imports ${target} (${other})`];
    });
  });
}

for (const [language, layers, imports] of /** @type {const} */ ([
  ['Rust', rust, rustImports('src')],
  ['JavaScript', javascript, javascriptImports(['lib', 'sandbox'])],
])) {
  test(`${language}: imports run one way, from layer to layer`, () => {
    assert.deepEqual(against(layers, imports), []);
  });

  test(`${language}: there are no circles`, () => {
    assert.deepEqual(circle(imports), []);
  });
}

test('imports are found: of modules, of their children, through aliases, of folders', () => {
  const found = new Map([...rustImports('src'), ...javascriptImports(['lib'])]);
  for (const [file, target] of [
    ['src/bridge/calls.rs', 'src/api/client.rs'],
    ['src/lib.rs', 'src/bridge/calls.rs'],
    ['src/http/transport.rs', 'src/http/pool/mod.rs'],
    ['src/http/pool/mod.rs', 'src/http/pool/slots.rs'],
    ['lib/client/core.ts', 'lib/engine/select.ts'],
    ['lib/client/warn.ts', 'lib/platform/node.ts'],
    ['lib/index.ts', 'lib/client/refport.ts'],
  ]) {
    assert.ok(found.get(file)?.includes(target), `${file} imports ${target}`);
  }
});

test('an import against the layers, and a circle, would be noticed', () => {
  const upwards = new Map([
    ['src/http/dns.rs', ['src/api/retry.rs']],
    ['src/api/retry.rs', ['src/http/dns.rs']],
  ]);
  assert.deepEqual(against(rust, upwards), ['src/http/dns.rs (http) imports src/api/retry.rs (api)']);
  assert.deepEqual(circle(upwards), ['src/http/dns.rs', 'src/api/retry.rs', 'src/http/dns.rs']);
});
