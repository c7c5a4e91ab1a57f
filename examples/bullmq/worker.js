import { UnrecoverableError, Worker } from 'bullmq';
import { Refport, RefportRateLimitError, RefportValidationError } from 'refport';

// Retries are the queue's: it remembers them when this process ends. A sale has its invoiceId, so that the API counts
// it once however often it arrives; a lead whose answer got lost is reported again, since twice is better than never.
const refport = new Refport({ apiKey: process.env.REFPORT_API_KEY, maxRetries: 0 });

const worker = new Worker('refport', report, {
  // Redis may be away for a while: commands wait for it.
  connection: { url: process.env.REDIS_URL, maxRetriesPerRequest: null },
  concurrency: 10,
});

async function report({ name, data }) {
  try {
    return await (name === 'lead' ? refport.track.lead(data) : refport.track.sale(data));
  } catch (error) {
    if (error instanceof RefportRateLimitError) {
      // All jobs wait, and this one has not used up an attempt.
      await worker.rateLimit((error.retryAfter ?? 10) * 1000);
      throw Worker.RateLimitError();
    }
    // No repetition makes it valid.
    if (error instanceof RefportValidationError) throw new UnrecoverableError(`${error.code}: ${error.message}`);
    throw error;
  }
}

worker.on('failed', (job, error) => console.error(`${job?.id} failed: ${error.message}`));
worker.on('ready', () => console.log('Waiting for jobs'));

process.once('SIGTERM', () => worker.close());
