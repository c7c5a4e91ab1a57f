export { BullOutbox } from './outbox/bullmq/outbox.ts';
