'use strict';

// The script `version` of package.json: `npm version` runs it between setting the version there and committing it. In
// lib/ it is a line of its own, since a bundle for Workers would get all of package.json otherwise.

const fs = require('node:fs');
const path = require('node:path');

/** @param {string} root where package.json is */
function syncVersion(root) {
  const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  const file = path.join(root, 'lib', 'version.js');
  const source = fs.readFileSync(file, 'utf8');
  fs.writeFileSync(file, source.replace(/^const VERSION = '.*';$/m, `const VERSION = '${version}';`));
}

if (require.main === module) syncVersion(path.resolve(__dirname, '../..'));

module.exports = { syncVersion };
