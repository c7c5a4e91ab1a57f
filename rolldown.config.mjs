// Builds dist/ from lib/ and sandbox/: one file per entry of package.json, plus shared chunks. The output is not minified,
// so that stack traces read like the sources.

import fs from 'node:fs';
import { defineConfig } from 'rolldown';

// What an earlier build left would be published. The addon and its loader are of `napi build`.
for (const name of fs.existsSync('dist') ? fs.readdirSync('dist') : []) {
  if (!name.startsWith('native.')) fs.rmSync(`dist/${name}`, { recursive: true });
}

/** Parts that are loaded when they are needed. The addon's loader is written by `napi build`, beside the bundles. */
const chunks = [
  './native.cjs',
  './chunk-addon-missing.cjs',
  './chunk-click.cjs',
  './chunk-client-core.cjs',
  './chunk-fetch-engine.cjs',
];

/** They are imported for the web, and loaded by `require` here. Rolldown would load them for the unused imports, too. */
const dropUnusedImports = {
  name: 'drop-unused-imports',
  transform: (code) => code.replace(/^import \* as (bundled\w+) from .*;$/gm, 'const $1 = undefined;'),
};

/**
 * Rolldown gives a getter to every binding that chunks share. No binding of ours changes after its module has run, and
 * reading fifty getters takes longer than the rest of the first chunk.
 */
const plainExports = {
  name: 'plain-exports',
  renderChunk: (code) =>
    code.replace(
      /Object\.defineProperty\(exports, "(\w+)", \{\s*enumerable: true,\s*get: function \(\) \{\s*return ([\w$]+);\s*\}\s*\}\);/g,
      'exports.$1 = $2;',
    ),
};

/** Node, Bun and Deno get CommonJS for `import` and `require` alike: one set of classes, and named exports in both. */
const server = {
  input: {
    index: 'lib/index.ts',
    result: 'lib/result.ts',
    outbox: 'lib/outbox.ts',
    bullmq: 'lib/bullmq.ts',
    'pg-boss': 'lib/pg-boss.ts',
    webhooks: 'lib/webhooks.ts',
    testing: 'lib/testing.ts',
    cli: 'lib/cli/main.ts',
    'chunk-addon-missing': 'lib/engine/native/addon-missing.ts',
    'chunk-click': 'lib/click/all.ts',
    'chunk-client-core': 'lib/client/core.ts',
    'chunk-fetch-engine': 'lib/engine/fetch/fetch-engine.ts',
  },
  platform: 'node',
  makeAbsoluteExternalsRelative: false,
  preserveEntrySignatures: 'allow-extension',
  external: [...chunks, /^(bullmq|ioredis|pg-boss)(\/|$)/, /^@refport\//],
  plugins: [dropUnusedImports, plainExports],
  output: {
    dir: 'dist',
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: 'chunk-[name].cjs',
    comments: false,
    // As few files as possible for the first call of a process, and no more in them than it needs.
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [
        {
          name: 'base',
          test: /[\\/]lib[\\/](platform[\\/]node\.|click[\\/]click|version|client[\\/](disposable|errors|op[a-z-]+|refport|registry|warn)\.)/,
        },
        {
          name: 'client',
          test: /[\\/]lib[\\/](client[\\/](?!result)|engine[\\/](?!fetch|native[\\/](addon-(missing|search)|install|platform)))/,
        },
      ],
    },
  },
};

/** The pages of the sandbox: one script each, beside their HTML and CSS. */
const page = (name) => ({
  input: { [name]: `sandbox/dashboard/browser/${name}.ts` },
  platform: 'browser',
  plugins: [copy('sandbox/dashboard/browser', 'dist/dashboard', /\.(html|css|svg)$/)],
  output: { dir: 'dist/dashboard', format: 'esm', comments: false },
});

/** What Workers, Edge runtimes and browsers get: no Node, no addon. */
const web = {
  input: { index: 'lib/index.ts', result: 'lib/result.ts', webhooks: 'lib/webhooks.ts' },
  platform: 'neutral',
  // They are looked up before the branches that need them are dropped.
  external: chunks,
  treeshake: { propertyReadSideEffects: false },
};

export default defineConfig([
  server,
  page('dashboard'),
  page('portal'),
  {
    ...web,
    resolve: { conditionNames: ['workerd', 'import'] },
    output: {
      dir: 'dist/edge',
      format: 'esm',
      entryFileNames: '[name].mjs',
      chunkFileNames: 'chunk-[name].mjs',
      comments: false,
    },
  },
  {
    ...web,
    resolve: { conditionNames: ['browser', 'import'] },
    output: {
      dir: 'dist/browser',
      format: 'cjs',
      entryFileNames: '[name].cjs',
      chunkFileNames: 'chunk-[name].cjs',
      comments: false,
    },
  },
]);

/** Copies the files of a folder that are served as they are. */
function copy(from, to, pattern) {
  const files = () => fs.readdirSync(from).filter((file) => pattern.test(file));
  return {
    name: 'copy',
    writeBundle() {
      for (const file of files()) fs.copyFileSync(`${from}/${file}`, `${to}/${file}`);
    },
  };
}
