const { calls } = require('./calls.cjs');

afterEach(() => jest.useRealTimers());

test('calls', () => calls());

test('calls under fake timers', () => calls(() => jest.useFakeTimers()));
