/** Bundles for browsers: reading click ids works there, and a client must not exist. */

export * from './edge.ts';

export const isBrowser = true;
