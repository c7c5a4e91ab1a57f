'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { CUSTOMER } = require('./customer.js');
const { install } = require('./packages.js');
const { ADDRESS, daemon, run } = require('./processes.js');
const { checkReports, goShopping, reportTo, withSandbox } = require('./shop.js');

/**
 * What a bundler makes of the server in examples/bundlers.
 * @typedef {object} Bundle
 * @property {string} file in the bundler's folder below dist/, to run with Node
 * @property {boolean} external whether refport stays outside, in node_modules
 */

/** @type {Record<string, Bundle>} by the script that makes it, without `build:` */
const bundles = {
  esbuild: { file: 'server.cjs', external: true },
  'esbuild-copy': { file: 'server.cjs', external: false },
  'esbuild-esm': { file: 'server.mjs', external: false },
  rollup: { file: 'server.mjs', external: true },
  rolldown: { file: 'server.mjs', external: true },
  vite: { file: 'server.js', external: true },
  webpack: { file: 'server.cjs', external: true },
  ncc: { file: 'index.js', external: false },
  nft: { file: 'bundlers/server.js', external: false },
};

/**
 * @param {InstanceType<typeof import('./visitor.js').Visitor>} visitor
 * @returns {Promise<import('./shop.js').Visit>}
 */
async function visit(visitor) {
  const { id } = await visitor.post('/signup', CUSTOMER);
  const { invoiceId } = await visitor.post('/buy', { id });
  return { customerId: id, invoiceId };
}

/**
 * Runs what a bundler made in an empty folder, so that nothing is found but what is part of it.
 *
 * @param {string} bundler
 * @returns {import('./examples.js').Check}
 */
function bundle(bundler) {
  const { file, external } = /** @type {Bundle} */ (bundles[bundler]);
  return async (packages) => {
    const copy = await install('bundlers', packages);
    await run('npm', ['run', `build:${bundler}`], copy);
    const deployed = path.join(packages.folder, 'deployed', bundler);
    fs.cpSync(path.join(copy, 'dist', bundler), deployed, { recursive: true });
    if (external) fs.cpSync(packages.modules, path.join(deployed, 'node_modules'), { recursive: true });
    // It has to be there for what is built, and must not be for what runs.
    fs.rmSync(path.join(copy, 'dist'), { recursive: true });
    await withSandbox(async (sandbox) => {
      const app = await daemon(process.execPath, [file], deployed, { ...reportTo(sandbox), PORT: '0' }, ADDRESS);
      const visited = await goShopping(app, visit);
      await app.explain(Promise.all([sandbox.waitForLead(), sandbox.waitForSale()]));
      await app.stop();
      checkReports(sandbox, visited);
    });
    return `one lead, one sale; ${external ? 'with refport in node_modules' : `${sizeOf(deployed)} in all`}`;
  };
}

/** @param {string} folder */
function sizeOf(folder) {
  const files = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const bytes = files.reduce((sum, file) => sum + fs.statSync(path.join(folder, file)).size, 0);
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

module.exports = { bundle, bundles };
