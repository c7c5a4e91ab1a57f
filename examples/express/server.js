import { randomUUID } from 'node:crypto';
import cookieParser from 'cookie-parser';
import express from 'express';
import { getClickIdFromRequest, Refport } from 'refport';

const refport = new Refport({ apiKey: process.env.REFPORT_API_KEY });
const users = new Map();

const app = express();
app.use(express.json());
app.use(cookieParser());

app.post('/signup', (req, res) => {
  const { email, name } = req.body;
  // Kept with the user: the cookie may be gone, or on another device, when they pay.
  const user = { id: randomUUID(), email, name, clickId: getClickIdFromRequest(req) };
  users.set(user.id, user);
  reportLead(user);
  res.cookie('session', user.id, { httpOnly: true, sameSite: 'lax' }).status(201).json({ id: user.id });
});

app.post('/buy', (req, res) => {
  const user = users.get(req.cookies.session);
  if (!user) return res.status(401).json({ error: 'Sign up first' });
  const invoice = { id: `inv_${randomUUID()}`, amount: 4900, currency: 'eur' };
  reportSale(user, invoice);
  res.status(201).json({ invoiceId: invoice.id });
});

// The reports are not awaited: no visitor waits for them, and one that fails undoes neither sign-up nor purchase.
function reportLead({ id, email, name, clickId }) {
  if (!clickId) return;
  refport.track
    .lead({ clickId, eventName: 'Sign up', customerExternalId: id, customerEmail: email, customerName: name })
    .catch((error) => console.error(`Lead of ${id} not reported: ${error.message}`));
}

function reportSale({ id, clickId }, invoice) {
  if (!clickId) return;
  refport.track
    .sale({
      clickId,
      customerExternalId: id,
      amount: invoice.amount,
      currency: invoice.currency,
      invoiceId: invoice.id,
    })
    .catch((error) => console.error(`Sale ${invoice.id} not reported: ${error.message}`));
}

const server = app.listen(process.env.PORT ?? 3000, '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}`);
});

// Reports on their way keep the process alive until they have arrived.
process.once('SIGTERM', () => server.close(() => refport.close()));
