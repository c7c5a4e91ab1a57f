import outbox from './outbox.js';

export const { Outbox } = outbox;
