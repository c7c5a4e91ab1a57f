export { PgOutbox } from './outbox/pg-boss/outbox.ts';
