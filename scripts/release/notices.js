'use strict';

// The licences of everything that the addon links, which its licences ask to hand on with it.

const fs = require('node:fs');
const path = require('node:path');

/** @import { Crate } from './crates.js' */

const LICENSE_FILE = /^(licen[cs]e|copying|notice|unlicense)/i;

/**
 * @param {Crate[]} crates our own first
 * @returns {string}
 */
function notices(crates) {
  /** @type {Map<string, string[]>} one text for all crates that have it word for word */
  const crateByText = new Map();
  for (const crate of crates.slice(1)) {
    const text = licenseText(crate);
    crateByText.set(text, [...(crateByText.get(text) ?? []), `${crate.name} ${crate.version} (${crate.license})`]);
  }
  const sections = [...crateByText].map(([text, names]) => `${names.join('\n')}\n\n${text}`);
  const line = `\n\n${'-'.repeat(80)}\n\n`;
  return `The native addon of refport contains the following software.${line}${sections.join(line)}\n`;
}

/** @param {Crate} crate */
function licenseText({ folder, authors, license }) {
  const files = fs.readdirSync(folder).filter((name) => LICENSE_FILE.test(name));
  // Where there is a choice, ours is the short one.
  const chosen = files.filter((name) => / OR /.test(license) && /mit/i.test(name));
  const texts = (chosen.length > 0 ? chosen : files)
    .map((name) => path.join(folder, name))
    .filter((file) => fs.statSync(file).isFile())
    .map((file) => fs.readFileSync(file, 'utf8').trim());
  return texts.length > 0
    ? texts.join('\n\n')
    : `By ${authors.join(', ') || 'its authors'}, licensed under ${license}.`;
}

module.exports = { notices };
