'use strict';

const fs = require('node:fs');
const path = require('node:path');

/** The files of the sandbox's pages, by name. No other file can be asked for. */
const FOLDER = path.join(__dirname, 'dashboard');
/** @type {Record<string, string>} */
const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** @type {Map<string, string>} */
const read = new Map();

/** @param {string} name */
function readAsset(name) {
  const text = read.get(name) ?? fs.readFileSync(path.join(FOLDER, name), 'utf8');
  read.set(name, text);
  return text;
}

/**
 * @param {string} name as it stands in an address
 * @returns {{ type: string, text: string } | undefined}
 */
function findAsset(name) {
  if (!/^[a-z-]+\.(?:css|mjs|svg)$/.test(name)) return undefined;
  if (!read.has(name) && !fs.readdirSync(FOLDER).includes(name)) return undefined;
  return { type: /** @type {string} */ (TYPES[path.extname(name)]), text: readAsset(name) };
}

module.exports = { readAsset, findAsset };
