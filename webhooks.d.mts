// The same declarations as for `require`.
export * from './webhooks.js';
