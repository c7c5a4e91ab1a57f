export { PgOutbox } from './outbox/queues/pg-boss/outbox.js';
