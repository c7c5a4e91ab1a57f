const { test } = require('node:test');
const { calls } = require('./calls.cjs');

test('calls', () => calls());
