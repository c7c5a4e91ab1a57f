import { randomUUID } from 'node:crypto';
import { createPolar, webhooks } from '@polar-sh/sdk/2026-10';
import express from 'express';
import { getClickIdFromRequest, Refport } from 'refport';
import { attribution, saleFromPolar } from 'refport/webhooks';

const { PORT = 3000, POLAR_ACCESS_TOKEN, POLAR_WEBHOOK_SECRET, POLAR_MOCK } = process.env;
const polar = createPolar({ accessToken: POLAR_ACCESS_TOKEN, ...(POLAR_MOCK && { baseUrl: POLAR_MOCK }) });
const refport = new Refport({ apiKey: process.env.REFPORT_API_KEY });
const app = express();

app.post('/checkout', async (req, res) => {
  // Yours: the id of whoever is signed in.
  const customerExternalId = randomUUID();
  const checkout = await polar.checkouts.create({
    products: ['b3a4b5c6-0000-4000-8000-000000000001'],
    external_customer_id: customerExternalId,
    metadata: attribution({ clickId: getClickIdFromRequest(req), customerExternalId }),
  });
  res.json({ url: checkout.url });
});

app.post('/webhook', express.raw({ type: 'application/json' }), async (req, res) => {
  let event;
  try {
    event = await webhooks.validateEvent(req.body, req.headers, POLAR_WEBHOOK_SECRET);
  } catch (error) {
    // An event that this version of the SDK doesn't know is none that counts.
    return res.sendStatus(error instanceof webhooks.PolarWebhookUnknownTypeError ? 200 : 403);
  }
  // What the business does with the event comes first, and does not depend on what follows.
  const recorded = await report(saleFromPolar(event));
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
