'use strict';

const { Refport } = require('./lib/result.js');

module.exports = { ...require('./index.js'), Refport };
