'use strict';

// The script `prepare` of package.json. npm and pnpm run it in a clone of this repository that they install from, by git
// or by path, and before they pack one: the addon for this machine then is part of the package. The published package has
// its addons in packages of their own, one per platform, so `npm publish` must find none here.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');

/** Settings of the running command that would mislead the clone's own `npm ci`. */
const FOREIGN = ['global', 'location', 'workspace', 'workspaces'].map((name) => `npm_config_${name}`);

function prepare() {
  const { npm_command: command, REFPORT_ENGINE: engine } = process.env;
  // `npm ci` has just installed the packages, and is how scripts/bootstrap.js installs them: it must not run that again.
  if (command === 'ci' || command === 'publish') run('node_modules/rolldown/bin/cli.mjs', '--config');
  else run('scripts/bootstrap.js', ...(engine === 'fetch' ? ['--js'] : []));
  if (command === 'publish') refuseAddon();
}

/** @param {string} script @param {string[]} args */
function run(script, ...args) {
  const inherited = Object.entries(process.env).filter(([name]) => !FOREIGN.includes(name.toLowerCase()));
  const { status } = spawnSync(process.execPath, [path.join(root, script), ...args], {
    cwd: root,
    // Building needs development packages, even for an installation that omits its own.
    env: { ...Object.fromEntries(inherited), npm_config_include: 'dev' },
    // Standard output belongs to `npm pack --json`.
    stdio: ['ignore', process.stderr, process.stderr],
  });
  if (status === 0) return;
  throw new Error('To install refport without its native addon, over fetch, set REFPORT_ENGINE=fetch.');
}

/** A publisher's own addon would go to every platform. */
function refuseAddon() {
  const built = fs.readdirSync(path.join(root, 'dist')).filter((name) => name.endsWith('.node'));
  if (built.length > 0) throw new Error(`The published package holds no addon: remove ${built.join(', ')} first.`);
}

try {
  prepare();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
