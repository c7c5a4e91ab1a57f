import { randomUUID } from 'node:crypto';
import express from 'express';
import { getClickIdFromRequest, Refport } from 'refport';
import { Outbox } from 'refport/outbox';
import { attribution, refundFromStripe, saleFromStripe } from 'refport/webhooks';
import Stripe from 'stripe';

const {
  PORT = 3000,
  OUTBOX = 'outbox.db',
  // How long you give refunds: sales are held as long, and a refund takes them back.
  REFUND_WINDOW_DAYS = 0,
  STRIPE_SECRET_KEY,
  STRIPE_WEBHOOK_SECRET,
  STRIPE_MOCK,
  REFPORT_BASE_URL,
} = process.env;
const mock = STRIPE_MOCK ? new URL(STRIPE_MOCK) : undefined;
const stripe = new Stripe(STRIPE_SECRET_KEY, mock && { protocol: 'http', host: mock.hostname, port: mock.port });
const refport = new Refport({ apiKey: process.env.REFPORT_API_KEY });
const outbox = new Outbox(refport, { path: OUTBOX });
const app = express();
const refundWindow = Number(REFUND_WINDOW_DAYS) * 24 * 60 * 60 * 1000;

// A click that never was, for example: a cookie can hold anything.
outbox.on('parked', ({ id, reason }, error) => {
  console.error(`${id} not reported, ${reason}: ${error?.message}`);
});

app.post('/checkout', async (req, res) => {
  // Yours: the id of whoever is signed in.
  const customerExternalId = randomUUID();
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: 'price_pro_monthly', quantity: 1 }],
    success_url: 'https://example.com/welcome',
    // The metadata of the session itself reaches neither its subscription nor the renewals.
    subscription_data: { metadata: attribution({ clickId: getClickIdFromRequest(req), customerExternalId }) },
  });
  res.json({ url: session.url });
});

app.post('/webhook', express.raw({ type: 'application/json' }), async (req, res) => {
  let event;
  try {
    event = stripe.webhooks.constructEvent(req.body, req.get('stripe-signature'), STRIPE_WEBHOOK_SECRET);
  } catch {
    return res.sendStatus(400);
  }
  const sale = saleFromStripe(event, { includeTest: Boolean(REFPORT_BASE_URL) });
  // It is on disk when this resolves, once for each invoice; that it reaches the API is the outbox's business from here on.
  // If it cannot be recorded, Express answers 500, and Stripe sends the webhook again.
  if (sale) await outbox.track.sale(sale, { id: sale.invoiceId, deliverAfter: refundWindow });
  const refund = refundFromStripe(event);
  // False if it has been sent already: then the commission has to be rejected in Refport.
  if (refund?.isFull) await outbox.discard(await invoiceOf(refund));
  res.sendStatus(200);
});

// The invoice that an intent paid. One-time payments have none, and their intent's id.
async function invoiceOf({ invoiceId }) {
  const payment = { type: 'payment_intent', payment_intent: invoiceId };
  const { data } = await stripe.invoicePayments.list({ payment, limit: 1 });
  return data[0]?.invoice ?? invoiceId;
}

const server = app.listen(PORT, '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}`);
});

process.once('SIGTERM', () => {
  server.close(async () => {
    await outbox.close();
    await refport.close();
  });
});
