import { randomUUID } from 'node:crypto';
import cookieParser from 'cookie-parser';
import express from 'express';
import { getClickIdFromRequest, Refport } from 'refport';

const refport = new Refport({ apiKey: process.env.REFPORT_API_KEY });
const logFailure = (error) => console.error(`Not reported: ${error.message}`);

const app = express();
app.use(express.json(), cookieParser());

app.post('/signup', async (req, res) => {
  const id = randomUUID();
  const clickId = getClickIdFromRequest(req);
  const { email: customerEmail, name: customerName } = req.body;
  const lead = { clickId, eventName: 'Sign up', customerExternalId: id, customerEmail, customerName };
  if (clickId) refport.track.lead(lead).catch(logFailure);
  res.cookie('session', id, { httpOnly: true, sameSite: 'lax' }).status(201).json({ id });
});

app.post('/buy', async (req, res) => {
  const customerExternalId = req.cookies.session;
  if (!customerExternalId) return res.status(401).json({ error: 'Sign up first' });
  const clickId = getClickIdFromRequest(req);
  const invoiceId = `inv_${randomUUID()}`;
  const sale = { clickId, customerExternalId, amount: 4900, currency: 'eur', invoiceId };
  if (clickId) refport.track.sale(sale).catch(logFailure);
  res.status(201).json({ invoiceId });
});

const server = app.listen(process.env.PORT ?? 3000, '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}`);
});

process.once('SIGTERM', () => server.close(() => refport.close()));
