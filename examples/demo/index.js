'use strict';

const { walk } = require('./walk.js');

walk().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
