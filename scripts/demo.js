'use strict';

// `npm run demo`: shows the package at work. Arguments are for the demo, see examples/demo/README.md.

require('../examples/demo/index.js');
