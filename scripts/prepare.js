'use strict';

// The script `prepare` of package.json. npm and pnpm run it in a clone of this repository that they install from, by git
// or by path, and before they pack one: the addon for this machine then is part of the package. What is published has
// its addons in packages of their own, one per platform, so `npm publish` must find none here.

const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');

/** Settings of the command that is running which would lead the clone's own `npm ci` astray. */
const FOREIGN = ['global', 'location', 'workspace', 'workspaces'].map((name) => `npm_config_${name}`);

function prepare() {
  execFileSync('npm', ['exec', '--', 'rolldown', '--config'], {
    cwd: root,
    stdio: ['ignore', process.stderr, process.stderr],
  });
  const { npm_command: command, REFPORT_ENGINE: engine } = process.env;
  if (command === 'publish') return refuseAddon();
  // scripts/bootstrap.js and CI install with `npm ci`, and build where they want to.
  if (command === 'ci' || engine === 'fetch') return;
  const inherited = Object.entries(process.env).filter(([name]) => !FOREIGN.includes(name.toLowerCase()));
  const { status } = spawnSync(process.execPath, [path.join(__dirname, 'bootstrap.js')], {
    cwd: root,
    // Building needs development packages, even for an installation that leaves its own out.
    env: { ...Object.fromEntries(inherited), npm_config_include: 'dev' },
    // Standard output is for what `npm pack --json` says.
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
