import bullmq from './bullmq.js';

export const { BullOutbox } = bullmq;
