'use strict';

// The line of docs/migration.md that gives a package written for the JavaScript SDK this one: npm installs one copy, and
// the compiler takes the client for what the package asks for. The package stands for @refport/better-auth.

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { promisify } = require('node:util');
const { npmRegistry } = require('../support/npm-registry.js');
const { stagedRelease } = require('../support/staged-release.js');

const root = path.resolve(__dirname, '../..');
const run = promisify(execFile);
const migration = fs.readFileSync(path.join(root, 'docs', 'migration.md'), 'utf8');

const plugin = {
  'package.json': JSON.stringify({
    name: '@refport/better-auth',
    version: '0.1.2',
    type: 'module',
    exports: { '.': { types: './index.d.ts', default: './index.js' } },
    dependencies: { refport: '^0.3.3' },
  }),
  'index.js': "import { Refport } from 'refport'; export const isClient = ({ refport }) => refport instanceof Refport;",
  'index.d.ts':
    "import type { Refport } from 'refport';\nexport declare function isClient(config: { refport: Refport }): boolean;",
};

const shop = {
  'shop.ts': `import { isClient } from '@refport/better-auth';
import { Refport } from 'refport';
console.log(isClient({ refport: new Refport({ apiKey: 'rk_test' }) }));`,
  'tsconfig.json': JSON.stringify({
    compilerOptions: { strict: true, module: 'nodenext', target: 'es2022', lib: ['es2022', 'dom'], types: [] },
  }),
};

let folder = '';
/** @type {ReturnType<typeof stagedRelease>} */
let release;
/** @type {Awaited<ReturnType<typeof npmRegistry>>} */
let registry;

/** @param {string} name @param {Record<string, string>} files */
function write(name, files) {
  const cwd = path.join(folder, name);
  fs.mkdirSync(cwd);
  for (const [file, text] of Object.entries(files)) fs.writeFileSync(path.join(cwd, file), text);
  return cwd;
}

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-override-'));
  release = stagedRelease();
  const { stdout } = await run('npm', ['pack', '--silent'], { cwd: write('plugin', plugin) });
  const tarball = path.join(folder, 'plugin', stdout.trim());
  registry = await npmRegistry([release.main, ...release.platforms.values(), tarball]);
});

after(() => {
  registry?.close();
  release?.remove();
  fs.rmSync(folder, { recursive: true, force: true });
});

test('overrides gives @refport/better-auth this package', async () => {
  const [, shown = ''] = /```json\n([^`]*"overrides"[^`]*)```/.exec(migration) ?? [];
  const { version } = require('../../package.json');
  const dependencies = { refport: version, '@refport/better-auth': '0.1.2' };
  const manifest = { name: 'shop', private: true, type: 'module', dependencies, ...JSON.parse(shown) };
  const cwd = write('shop', { ...shop, 'package.json': JSON.stringify(manifest) });
  const { PATH = '' } = process.env;
  const env = { PATH, HOME: folder, npm_config_registry: registry.url, npm_config_audit: 'false' };
  await run('npm', ['install', '--no-fund'], { cwd, env });
  assert.ok(!fs.existsSync(path.join(cwd, 'node_modules/@refport/better-auth/node_modules')));
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { stdout: complaints } = await run(process.execPath, [tsc], { cwd }).catch((error) => error);
  assert.equal(complaints, '');
  const { stdout } = await run(process.execPath, ['shop.js'], { cwd, env });
  assert.equal(stdout, 'true\n');
});
