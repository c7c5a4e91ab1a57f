// The same declarations as for `require`, so that a class is one class to the compiler as it is at run time.
export * from './outbox.js';
