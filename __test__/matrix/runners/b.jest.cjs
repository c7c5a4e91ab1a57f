const { calls } = require('./calls.cjs');

test('calls', () => calls());
