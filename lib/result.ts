export { Refport } from './client/result-refport.ts';
export * from './index.ts';
