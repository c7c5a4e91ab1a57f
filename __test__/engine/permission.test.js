'use strict';

// Node's permission model, whose words docs/install.md quotes: without --allow-addons calls go over fetch.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { platformName } = require('../../scripts/addon.js');
const { installedCopy, warnings } = require('../support/installed-copy.js');

const root = path.resolve(__dirname, '../..');
const addon = `native.${platformName()}.node`;
const PROGRAM = "console.log(require('refport').Refport.engine);";
const QUOTED = 'Cannot load native addon because loading addons is disabled';

test('under --permission the addon needs --allow-addons, as documented', async (t) => {
  assert.ok(fs.readFileSync(path.join(root, 'docs', 'install.md'), 'utf8').includes(QUOTED));
  const copy = installedCopy(t);
  fs.copyFileSync(path.join(root, 'dist', addon), path.join(copy.folder, 'dist', addon));
  const flag = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
  const restricted = await copy.run(PROGRAM, { execArgv: [flag, '--allow-fs-read=*'] });
  assert.equal(restricted.stdout, 'fetch\n', restricted.stderr);
  assert.equal(warnings(restricted.stderr), 1);
  assert.ok(restricted.stderr.includes(QUOTED), restricted.stderr);
  const allowed = await copy.run(PROGRAM, { execArgv: [flag, '--allow-fs-read=*', '--allow-addons'] });
  assert.equal(allowed.stdout, 'native\n', allowed.stderr);
});
