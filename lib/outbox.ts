export { Outbox } from './outbox/outbox.js';
