import { randomUUID } from 'node:crypto';
import express from 'express';
import { getClickIdFromRequest, Refport } from 'refport';
import { attribution, saleFromStripe } from 'refport/webhooks';
import Stripe from 'stripe';

const { PORT = 3000, STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, STRIPE_MOCK, NODE_ENV } = process.env;
const mock = STRIPE_MOCK ? new URL(STRIPE_MOCK) : undefined;
const stripe = new Stripe(STRIPE_SECRET_KEY, mock && { protocol: 'http', host: mock.hostname, port: mock.port });
const refport = new Refport({ apiKey: process.env.REFPORT_API_KEY });
const app = express();

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
  // What the business does with the event comes first, and does not depend on what follows.
  const recorded = await report(saleFromStripe(event, { includeTest: NODE_ENV !== 'production' }));
  res.sendStatus(recorded ? 200 : 503);
});

/** Whether there is nothing left to do. If there is, the webhook comes again, and its `invoiceId` counts once. */
async function report(sale) {
  if (!sale) return true;
  try {
    await refport.track.sale(sale);
    return true;
  } catch (error) {
    console.error(`Sale ${sale.invoiceId} not reported: ${error.message}`);
    // A cookie can hold anything: a click that never was is nobody's referral.
    return error.code === 'INVALID_CLICK_ID';
  }
}

const server = app.listen(PORT, '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}`);
});

process.once('SIGTERM', () => server.close(() => refport.close()));
