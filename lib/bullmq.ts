export { BullOutbox } from './outbox/queues/bullmq/outbox.js';
