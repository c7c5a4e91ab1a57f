'use strict';

// Lays out the packages to publish from the addons that CI built:
//
//   node scripts/release/stage.js ARTIFACTS
//
// Afterwards npm/ holds a folder per platform; `napi pre-publish` publishes those and lists them in package.json.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

/**
 * @param {object} from
 * @param {string} from.root where package.json is
 * @param {string} from.artifacts folder with the addons of all targets, native.cjs, and THIRD-PARTY-LICENSES: the licences
 *   of what the addons contain
 * @param {string | undefined} from.repository `owner/name` on GitHub, which provenance has to match
 */
function stage({ root, artifacts, repository }) {
  if (repository) {
    const url = `https://github.com/${repository}`;
    editManifest(root, (manifest) => ({
      ...manifest,
      repository: { type: 'git', url: `git+${url}.git` },
      bugs: { url: `${url}/issues` },
      homepage: `${url}#readme`,
    }));
  }
  napi(root, 'create-npm-dirs');
  napi(root, 'artifacts', '--output-dir', path.resolve(artifacts));
  // The CLI leaves copies beside package.json, a build leaves one in dist/, and the main package is for every platform.
  const dist = path.join(root, 'dist');
  for (const folder of [root, dist]) {
    for (const name of fs.readdirSync(folder)) if (name.endsWith('.node')) fs.rmSync(path.join(folder, name));
  }
  fs.copyFileSync(path.join(artifacts, 'native.cjs'), path.join(dist, 'native.cjs'));
  for (const platform of fs.readdirSync(path.join(root, 'npm'))) {
    const folder = path.join(root, 'npm', platform);
    fs.copyFileSync(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'));
    fs.copyFileSync(path.join(artifacts, 'THIRD-PARTY-LICENSES'), path.join(folder, 'THIRD-PARTY-LICENSES'));
    const { name } = editManifest(folder, (manifest) => ({
      ...manifest,
      description: `Native addon of refport for ${platform}`,
      files: [...manifest.files, 'THIRD-PARTY-LICENSES'],
      publishConfig: { access: 'public' },
    }));
    fs.writeFileSync(
      path.join(folder, 'README.md'),
      `# ${name}\n\nThe native addon of [refport](https://www.npmjs.com/package/refport) for ${platform}. Install \`refport\`; it brings this package along where it fits.\n`,
    );
  }
}

/**
 * @param {string} folder
 * @param {(manifest: any) => any} edit
 */
function editManifest(folder, edit) {
  const file = path.join(folder, 'package.json');
  const manifest = edit(JSON.parse(fs.readFileSync(file, 'utf8')));
  fs.writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

/**
 * @param {string} cwd
 * @param {string[]} args
 */
function napi(cwd, ...args) {
  const cli = path.join(path.dirname(require.resolve('@napi-rs/cli/package.json')), 'dist', 'cli.js');
  execFileSync(process.execPath, [cli, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
}

if (require.main === module) {
  const artifacts = process.argv[2];
  if (!artifacts) throw new Error('Usage: node scripts/release/stage.js ARTIFACTS');
  stage({ root: path.resolve(__dirname, '../..'), artifacts, repository: process.env.GITHUB_REPOSITORY });
}

module.exports = { stage };
