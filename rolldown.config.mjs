// Builds dist/ from lib/ and sandbox/: one file per entry of package.json, plus shared chunks. The output is not minified,
// so that stack traces read like the sources.

import fs from 'node:fs';
import { defineConfig } from 'rolldown';

// What an earlier build left would be published. The addon and its loader are of `napi build`.
for (const name of fs.existsSync('dist') ? fs.readdirSync('dist') : []) {
  if (!name.startsWith('native.')) fs.rmSync(`dist/${name}`, { recursive: true });
}

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
  },
  platform: 'node',
  makeAbsoluteExternalsRelative: false,
  // The addon's loader is written by `napi build`, beside the bundles.
  external: ['./native.cjs', /^(bullmq|ioredis|pg-boss)(\/|$)/, /^@refport\//],
  output: { dir: 'dist', format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: 'chunk-[name].cjs' },
};

/** The pages of the sandbox: one script each, beside their HTML and CSS. */
const page = (name) => ({
  input: { [name]: `sandbox/dashboard/browser/${name}.ts` },
  platform: 'browser',
  plugins: [copy('sandbox/dashboard/browser', 'dist/dashboard', /\.(html|css|svg)$/)],
  output: { dir: 'dist/dashboard', format: 'esm' },
});

/** What Workers, Edge runtimes and browsers get: no Node, no addon. */
const web = {
  input: { index: 'lib/index.ts', result: 'lib/result.ts', webhooks: 'lib/webhooks.ts' },
  platform: 'neutral',
  // It is looked up before the branch that needs it is dropped.
  external: ['./native.cjs'],
  treeshake: { propertyReadSideEffects: false },
};

export default defineConfig([
  server,
  page('dashboard'),
  page('portal'),
  {
    ...web,
    resolve: { conditionNames: ['workerd', 'import'] },
    output: { dir: 'dist/edge', format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: 'chunk-[name].mjs' },
  },
  {
    ...web,
    resolve: { conditionNames: ['browser', 'import'] },
    output: { dir: 'dist/browser', format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: 'chunk-[name].cjs' },
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
