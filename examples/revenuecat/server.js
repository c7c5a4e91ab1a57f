import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import express from 'express';
import { getClickIdFromRequest, Refport } from 'refport';
import { attribution, saleFromRevenueCat } from 'refport/webhooks';

const { PORT = 3000, REVENUECAT_WEBHOOK_AUTHORIZATION, REFPORT_BASE_URL } = process.env;
if (!REVENUECAT_WEBHOOK_AUTHORIZATION) throw new Error('REVENUECAT_WEBHOOK_AUTHORIZATION is not set.');
const refport = new Refport({ apiKey: process.env.REFPORT_API_KEY });
const app = express();

// For the app or the website, when somebody has signed up: Purchases.setAttributes(attributes)
app.post('/signup', (req, res) => {
  const customerExternalId = randomUUID();
  const attributes = attribution({ clickId: getClickIdFromRequest(req), customerExternalId });
  res.json({ appUserId: customerExternalId, attributes });
});

const hash = (text) => createHash('sha256').update(text).digest();

// RevenueCat sends the header that its dashboard was given, and no signature.
const isRevenueCat = (req) =>
  timingSafeEqual(hash(req.get('authorization') ?? ''), hash(REVENUECAT_WEBHOOK_AUTHORIZATION));

app.post('/webhook', express.json(), async (req, res) => {
  if (!isRevenueCat(req)) return res.sendStatus(401);
  // What the business does with the event comes first, and does not depend on what follows.
  const recorded = await report(saleFromRevenueCat(req.body, { includeTest: Boolean(REFPORT_BASE_URL) }));
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
