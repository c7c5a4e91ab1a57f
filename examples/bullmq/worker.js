import { Refport } from 'refport';
import { BullOutbox } from 'refport/outbox/bullmq';

const outbox = new BullOutbox(new Refport({ apiKey: process.env.REFPORT_API_KEY }), {
  connection: { url: process.env.REDIS_URL },
  role: 'worker',
});
outbox.on('parked', ({ id, reason }, error) => console.error(`${id} needs a decision: ${reason}, ${error?.message}`));
console.log('Waiting for conversions');

process.once('SIGTERM', () => outbox.close());
