// The same declarations as for `require`.
export * from './bullmq.js';
