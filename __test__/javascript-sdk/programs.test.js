'use strict';

// Programs written for the JavaScript SDK that this package replaces compile as they are, and do the same.

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, describe, it } = require('node:test');
const { promisify } = require('node:util');
const { createSandbox } = require('refport/testing');

const root = path.resolve(__dirname, '../..');
const programs = path.join(__dirname, 'sources');
const run = promisify(execFile);

describe('a program for the JavaScript SDK', () => {
  let project = '';

  before(async () => {
    project = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-javascript-sdk-'));
    fs.mkdirSync(path.join(project, 'node_modules'));
    fs.symlinkSync(root, path.join(project, 'node_modules', 'refport'));
    fs.symlinkSync(path.join(root, 'node_modules', '@types'), path.join(project, 'node_modules', '@types'));
    fs.writeFileSync(path.join(project, 'package.json'), '{ "type": "module" }');
    fs.cpSync(programs, project, { recursive: true });
    const compilerOptions = { strict: true, target: 'es2022', module: 'nodenext', types: ['node'], outDir: 'out' };
    fs.writeFileSync(path.join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const { stdout } = await run(process.execPath, [tsc, '--project', project]).catch((error) => error);
    assert.equal(stdout, '');
  });

  after(() => fs.rmSync(project, { recursive: true, force: true }));

  for (const name of ['throwing', 'results']) {
    it(`runs: ${name}`, async () => {
      const sandbox = await createSandbox();
      try {
        const env = {
          ...process.env,
          REFPORT_API_KEY: sandbox.apiKey,
          REFPORT_BASE_URL: sandbox.url,
          CLICK_ID: sandbox.clickId,
        };
        await run(process.execPath, [path.join(project, 'out', `${name}.js`)], { env });
        assert.equal(sandbox.leads.length, 1);
        assert.ok(sandbox.sales.length >= 1 && sandbox.tokens.length === 1);
      } finally {
        await sandbox.close();
      }
    });
  }
});
