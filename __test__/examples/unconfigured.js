'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { install } = require('./packages.js');
const { run } = require('./processes.js');

/**
 * What bundlers say to an addon without the settings of the examples: docs/bundling.md quotes it, for those who search by it.
 * @module
 */

const page = path.resolve(__dirname, '../../docs/bundling.md');

/**
 * Builds an example without its setting.
 *
 * @typedef {object} Build
 * @property {string} example
 * @property {string[]} command arguments of npx
 * @property {string} config file of the example that holds the setting
 * @property {RegExp} setting what is taken out of that file
 */

/** @type {Record<string, Build>} by what docs/bundling.md calls them in its second column */
const builds = {
  'Next.js with Turbopack': {
    example: 'nextjs',
    command: ['next', 'build'],
    config: 'next.config.ts',
    setting: /serverExternalPackages:.*/,
  },
  'Next.js with webpack': {
    example: 'nextjs',
    command: ['next', 'build', '--webpack'],
    config: 'next.config.ts',
    setting: /serverExternalPackages:.*/,
  },
  webpack: {
    example: 'bundlers',
    command: ['webpack', '--config', 'webpack.config.js'],
    config: 'webpack.config.js',
    setting: /externals:.*/,
  },
  esbuild: {
    example: 'bundlers',
    command: ['esbuild', 'server.js', '--bundle', '--platform=node', '--outfile=dist/unconfigured/server.cjs'],
    config: 'server.js',
    setting: /(?!)/,
  },
  rollup: {
    example: 'bundlers',
    command: ['rollup', '--config', 'rollup.config.js'],
    config: 'rollup.config.js',
    setting: /external:.*/,
  },
  rolldown: {
    example: 'bundlers',
    command: ['rolldown', '--config', 'rolldown.config.js'],
    config: 'rolldown.config.js',
    setting: /external:.*/,
  },
  'Vite 8': {
    example: 'bundlers',
    command: ['vite', 'build', '--config', 'vite.config.js'],
    config: 'vite.config.js',
    setting: /, external: \['refport'\]/,
  },
};

/**
 * What the page quotes of each tool; an ellipsis stands for what differs.
 * @returns {Map<string, string[]>}
 */
function quotations() {
  const rows = fs.readFileSync(page, 'utf8').matchAll(/^\| ([^|]+) \| ([^|]+) \| /gm);
  return new Map(
    [...rows].map(([, said = '', tool = '']) => {
      const quoted = [...said.matchAll(/`([^`]+)`/g)].flatMap(([, words = '']) => words.split('…'));
      return [tool, quoted.map((words) => words.trim()).filter(Boolean)];
    }),
  );
}

/**
 * @param {string} tool
 * @returns {import('./examples.js').Check}
 */
function unconfigured(tool) {
  const { example, command, config, setting } = /** @type {Build} */ (builds[tool]);
  return async (packages) => {
    const quoted = quotations().get(tool) ?? [];
    assert.notEqual(quoted.length, 0, `docs/bundling.md quotes nothing of ${tool}`);
    const copy = await install(example, packages);
    const file = path.join(copy, config);
    const before = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, before.replace(setting, ''));
    try {
      const said = await run('npx', command, copy).then(
        () => assert.fail(`${tool} built it`),
        (error) => String(error.message),
      );
      for (const words of quoted) assert.ok(said.includes(words), `${tool} does not say "${words}":\n${said}`);
    } finally {
      fs.writeFileSync(file, before);
    }
    return `fails with the words of docs/bundling.md, ${quoted.length} of them`;
  };
}

module.exports = { builds, unconfigured };
