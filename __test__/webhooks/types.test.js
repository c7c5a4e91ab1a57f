'use strict';

// The declarations against the packages of the processors.

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { promisify } = require('node:util');

const root = path.resolve(__dirname, '../..');
const modules = path.join(root, 'node_modules');
const PACKAGES = ['@paddle', '@polar-sh', '@shopify', 'polar-sdk-v0', 'stripe', '@types'];

test("events of the processors' own packages are accepted without a cast", async (t) => {
  const project = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-sdk-events-'));
  t.after(() => fs.rmSync(project, { recursive: true, force: true }));
  fs.mkdirSync(path.join(project, 'node_modules'));
  fs.symlinkSync(root, path.join(project, 'node_modules', 'refport'));
  for (const name of PACKAGES) fs.symlinkSync(path.join(modules, name), path.join(project, 'node_modules', name));
  fs.copyFileSync(path.join(__dirname, 'sdk-events.ts'), path.join(project, 'sdk-events.ts'));
  fs.writeFileSync(path.join(project, 'package.json'), '{ "type": "module" }');
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    target: 'es2022',
    lib: ['es2023', 'dom'],
    module: 'nodenext',
    types: ['node'],
    // Theirs do not all pass; ours are checked by types.test.js.
    skipLibCheck: true,
  };
  fs.writeFileSync(path.join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const tsc = path.join(modules, 'typescript', 'bin', 'tsc');
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, '--project', project]).catch((error) => error);
  assert.equal(stdout, '');
});
