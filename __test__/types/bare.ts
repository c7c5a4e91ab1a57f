// Compiled with the bare language: no DOM, no Node types.

import { getClickIdFromCookie, Refport } from 'refport';
import { Refport as Results } from 'refport/result';
import { createSandbox } from 'refport/testing';
import { saleFromShopify } from 'refport/webhooks';

export const clients = [new Refport({ apiKey: 'key' }), new Results({ apiKey: 'key' })];
export const clickId: string | null = getClickIdFromCookie('refp_id=abc');
export const sale = saleFromShopify({ financial_status: 'paid' });
export const sandbox = createSandbox();
