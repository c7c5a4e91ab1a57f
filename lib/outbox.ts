export { Outbox } from './outbox/sqlite/outbox.ts';
