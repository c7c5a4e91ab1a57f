'use strict';

// Tests the dashboard, the portal and the demo shop in a real browser, and makes the screenshots of the README.
//
//   node scripts/test-browser.js                 all tests
//   node scripts/test-browser.js faults theme    only these files of __test__/browser

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const folder = path.join('__test__', 'browser');

const USUAL = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

function run() {
  const chosen = process.env.REFPORT_CHROMIUM;
  const browser = (chosen ? [chosen] : USUAL).find((file) => fs.existsSync(file));
  if (!browser) {
    console.error(
      `No Chromium was found${chosen ? ` at ${chosen}` : ''}. Install it, on Debian or Ubuntu with\n\n` +
        '  apt-get update && apt-get install -y chromium\n\n' +
        'or set REFPORT_CHROMIUM to the path of a Chromium or Chrome, and run this command again.',
    );
    return 1;
  }
  const wanted = process.argv.slice(2);
  const files = fs
    .readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.test.js') && (wanted.length === 0 || wanted.includes(name.slice(0, -8))))
    .map((name) => path.join(folder, name));
  const { status } = spawnSync(process.execPath, ['--test', '--test-reporter=spec', '--test-concurrency=2', ...files], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, REFPORT_CHROMIUM: browser },
  });
  return status ?? 1;
}

process.exitCode = run();
