// The same declarations as for `require`.
export * from './pg-boss.js';
