import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import cookieParser from 'cookie-parser';
import express from 'express';
import { getClickIdFromRequest } from 'refport';

const queue = new Queue('refport', {
  connection: { url: process.env.REDIS_URL },
  defaultJobOptions: { attempts: 10, backoff: { type: 'exponential', delay: 1000 }, removeOnComplete: 1000 },
});

const app = express();
app.use(express.json(), cookieParser());

app.post('/signup', async (req, res) => {
  const id = randomUUID();
  const clickId = getClickIdFromRequest(req);
  const { email: customerEmail, name: customerName } = req.body;
  if (clickId) {
    const lead = { clickId, eventName: 'Sign up', customerExternalId: id, customerEmail, customerName };
    // A job whose id exists already is not added again.
    await queue.add('lead', lead, { jobId: `lead-${id}` });
  }
  res.cookie('session', id, { httpOnly: true, sameSite: 'lax' }).status(201).json({ id });
});

app.post('/buy', async (req, res) => {
  const customerExternalId = req.cookies.session;
  if (!customerExternalId) return res.status(401).json({ error: 'Sign up first' });
  const clickId = getClickIdFromRequest(req);
  const invoiceId = `inv_${randomUUID()}`;
  if (clickId) {
    const sale = { clickId, customerExternalId, amount: 4900, currency: 'eur', invoiceId };
    await queue.add('sale', sale, { jobId: `sale-${invoiceId}` });
  }
  res.status(201).json({ invoiceId });
});

const server = app.listen(process.env.PORT ?? 3000, '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}`);
});

process.once('SIGTERM', () => server.close(() => queue.close()));
