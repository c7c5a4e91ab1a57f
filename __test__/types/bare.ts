// Compiled with the bare language: no DOM, no Node types.

import { getClickIdFromCookie, Refport } from 'refport';
import { Refport as Results } from 'refport/result';
import { createSandbox } from 'refport/testing';

export const clients = [new Refport({ apiKey: 'key' }), new Results({ apiKey: 'key' })];
export const clickId: string | null = getClickIdFromCookie('refp_id=abc');
export const sandbox = createSandbox();
