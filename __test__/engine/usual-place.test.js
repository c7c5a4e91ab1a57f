'use strict';

// The addon is found where it usually is, at the price of a few look-ups, on systems with two C libraries as well: the
// generated loader adds milliseconds to the first call of a process.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { it } = require('node:test');
const { platformName } = require('../../scripts/addon.js');
const { installedCopy } = require('../support/installed-copy.js');

const name = `native.${platformName()}.node`;

const program = `
const { Refport } = require('refport');
new Refport({ apiKey: 'rk_1' });
const files = Object.keys(require.cache).filter((file) => /native\\.cjs$|addon-missing/.test(file));
console.log(Refport.engine, files.length);`;

for (const place of ['refport/dist', `@refport/native-${platformName()}`]) {
  it(`the addon in ${place} loads without the generated loader`, async (t) => {
    const { folder, run } = installedCopy(t);
    const target = path.join(folder, '..', place);
    fs.mkdirSync(target, { recursive: true });
    fs.copyFileSync(path.resolve(__dirname, '../../dist', name), path.join(target, name));
    const { stdout, stderr } = await run(program);
    assert.deepEqual([stdout, stderr], ['native 0\n', '']);
  });
}
