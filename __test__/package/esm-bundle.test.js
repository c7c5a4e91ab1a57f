'use strict';

// An ES module that a bundler makes of a program and this package meets no dynamic require: it works, over fetch where it
// finds no addon.

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, describe, it } = require('node:test');
const { promisify } = require('node:util');

const root = path.resolve(__dirname, '../..');
const rolldown = path.join(root, 'node_modules', 'rolldown', 'bin', 'cli.mjs');
const run = promisify(execFile);

const program = `
import { Refport, RefportConnectionError } from 'refport';
const refport = new Refport({ apiKey: 'rk_1', baseUrl: 'http://127.0.0.1:9', maxRetries: 0 });
const lead = { clickId: 'a', eventName: 'b', customerExternalId: 'c' };
const error = await refport.track.lead(lead).catch((error) => error);
console.log(Refport.engine, error instanceof RefportConnectionError);`;

describe('a bundle of ES modules', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-bundle-'));
  const bundle = path.join(folder, 'app.mjs');
  after(() => fs.rmSync(folder, { recursive: true }));
  before(async () => {
    const source = path.join(folder, 'source.mjs');
    fs.writeFileSync(source, program);
    fs.mkdirSync(path.join(folder, 'node_modules'));
    fs.symlinkSync(root, path.join(folder, 'node_modules', 'refport'));
    const config = path.join(folder, 'rolldown.config.mjs');
    const options = { input: source, platform: 'node', output: { file: bundle, format: 'esm' } };
    fs.writeFileSync(config, `export default { ...${JSON.stringify(options)}, external: [/\\.node$/] };`);
    await run(process.execPath, [rolldown, '--config', config], { cwd: folder });
  });

  it('uses the addon of the package that is installed beside it', async () => {
    const { stdout, stderr } = await run(process.execPath, [bundle]);
    assert.deepEqual([stdout, stderr], ['native true\n', '']);
  });

  it('goes over fetch where it is alone, and warns of that', async () => {
    const alone = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-alone-'));
    // At another depth, as the bundle names the addon by a path relative to itself.
    const copy = path.join(alone, 'a', 'b', 'app.mjs');
    fs.cpSync(bundle, copy);
    const { stdout, stderr } = await run(process.execPath, [copy]);
    fs.rmSync(alone, { recursive: true });
    assert.equal(stdout, 'fetch true\n');
    assert.match(stderr, /REFPORT_NO_BINARY/);
  });
});
