import { randomUUID } from 'node:crypto';
import cookieParser from 'cookie-parser';
import express from 'express';
import { getClickIdFromRequest, Refport } from 'refport';
import { BullOutbox } from 'refport/outbox/bullmq';

// Records only; worker.js delivers.
const outbox = new BullOutbox(new Refport({ apiKey: process.env.REFPORT_API_KEY }), {
  connection: { url: process.env.REDIS_URL },
  role: 'producer',
});

const app = express();
app.use(express.json(), cookieParser());

app.post('/signup', async (req, res) => {
  const id = randomUUID();
  const clickId = getClickIdFromRequest(req);
  const { email: customerEmail, name: customerName } = req.body;
  if (clickId) {
    const lead = { clickId, eventName: 'Sign up', customerExternalId: id, customerEmail, customerName };
    await outbox.track.lead(lead, { id: `lead:${id}` });
  }
  res.cookie('session', id, { httpOnly: true, sameSite: 'lax' }).status(201).json({ id });
});

app.post('/buy', async (req, res) => {
  const customerExternalId = req.cookies.session;
  if (!customerExternalId) return res.status(401).json({ error: 'Sign up first' });
  const clickId = getClickIdFromRequest(req);
  const invoiceId = `inv_${randomUUID()}`;
  if (clickId) await outbox.track.sale({ clickId, customerExternalId, amount: 4900, currency: 'eur', invoiceId });
  res.status(201).json({ invoiceId });
});

const server = app.listen(process.env.PORT ?? 3000, '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}`);
});

process.once('SIGTERM', () => server.close(() => outbox.close()));
