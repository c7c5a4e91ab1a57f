'use strict';

// The declarations as a stranger's project sees them: installed under node_modules, compiled with strict settings and
// without skipLibCheck, by the oldest TypeScript that can read them, the oldest that knows `exports`, and the newest.

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const { promisify } = require('node:util');

const root = path.resolve(__dirname, '../..');
const run = promisify(execFile);

const compilers = {
  oldest: { place: 'typescript-4.0', resolutions: ['node'], lib: ['es2020', 'dom'] },
  exports: { place: 'typescript-4.7', resolutions: ['node16'], lib: ['es2022', 'dom'] },
  newest: { place: '../..', resolutions: ['node16', 'nodenext', 'bundler'], lib: ['es2023', 'dom'] },
};
/** @type {Record<string, string>} */
const moduleOf = { node: 'commonjs', node16: 'node16', nodenext: 'nodenext', bundler: 'esnext' };

/** @param {{ place: string }} compiler */
const compilerFolder = ({ place }) => path.join(__dirname, place, 'node_modules', 'typescript');

let project = '';

before(() => {
  project = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-types-'));
  const installed = path.join(project, 'node_modules', 'refport');
  fs.mkdirSync(installed, { recursive: true });
  for (const name of ['index.d.ts', 'types', 'package.json']) {
    fs.cpSync(path.join(root, name), path.join(installed, name), { recursive: true });
  }
});

after(() => fs.rmSync(project, { recursive: true, force: true }));

/**
 * Compiles the fixtures in a project of their own.
 *
 * @param {{ compiler: { place: string, lib: string[] }, resolution: string, type: string, lib?: string[] }} setup
 */
async function compile(
  { compiler, resolution, type, lib = compiler.lib },
  files = ['usage', 'shapes', 'wrong', 'javascript-sdk'],
) {
  const folder = fs.mkdtempSync(path.join(project, 'case-'));
  for (const file of files) fs.copyFileSync(path.join(__dirname, `${file}.ts`), path.join(folder, `${file}.ts`));
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ type }));
  const compilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: [],
    target: 'es2020',
    lib,
    module: moduleOf[resolution],
    moduleResolution: resolution,
  };
  fs.writeFileSync(
    path.join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: files.map((f) => `${f}.ts`) }),
  );
  const tsc = path.join(compilerFolder(compiler), 'bin', 'tsc');
  return run(process.execPath, [tsc, '--project', folder]).then(
    () => '',
    (error) => error.stdout || error.message,
  );
}

describe('usage, exact shapes and what must not compile', { concurrency: 2 }, () => {
  for (const compiler of Object.values(compilers)) {
    const { version } = require(path.join(compilerFolder(compiler), 'package.json'));
    for (const resolution of compiler.resolutions) {
      for (const type of ['module', 'commonjs']) {
        test(`TypeScript ${version}, moduleResolution ${resolution}, type ${type}`, async () => {
          assert.equal(await compile({ compiler, resolution, type }), '');
        });
      }
    }
  }
});

test('the declarations need neither DOM nor Node types', async () => {
  for (const compiler of [compilers.exports, compilers.newest]) {
    const setup = { compiler, resolution: 'nodenext', type: 'module', lib: ['es2020'] };
    assert.equal(await compile(setup, ['bare']), '');
  }
});

test('a wrong program is noticed', async () => {
  const output = await compile({ compiler: compilers.newest, resolution: 'nodenext', type: 'module' }, ['broken']);
  assert.match(output, /broken\.ts\(5,\d+\): error TS2322/);
});
