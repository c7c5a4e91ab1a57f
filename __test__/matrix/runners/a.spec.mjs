import { test } from 'vitest';
import { calls } from './calls.cjs';

test('calls', () => calls());
