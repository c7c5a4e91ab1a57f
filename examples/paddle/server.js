import { randomUUID } from 'node:crypto';
import { Paddle } from '@paddle/paddle-node-sdk';
import express from 'express';
import { getClickIdFromRequest, Refport } from 'refport';
import { attribution, saleFromPaddle } from 'refport/webhooks';

const { PORT = 3000, PADDLE_API_KEY, PADDLE_WEBHOOK_SECRET, REFPORT_BASE_URL } = process.env;
const paddle = new Paddle(PADDLE_API_KEY);
const refport = new Refport({ apiKey: process.env.REFPORT_API_KEY });
const app = express();

// For the browser: Paddle.Checkout.open({ items, customData })
app.post('/checkout', (req, res) => {
  // Yours: the id of whoever is signed in.
  const customerExternalId = randomUUID();
  res.json({ customData: attribution({ clickId: getClickIdFromRequest(req), customerExternalId }) });
});

app.post('/webhook', express.raw({ type: 'application/json' }), async (req, res) => {
  let event;
  try {
    event = await paddle.webhooks.unmarshal(
      req.body.toString(),
      PADDLE_WEBHOOK_SECRET,
      req.get('paddle-signature') ?? '',
    );
  } catch {
    return res.sendStatus(400);
  }
  // What the business does with the event comes first, and does not depend on what follows.
  const recorded = await report(saleFromPaddle(event, { includeTest: Boolean(REFPORT_BASE_URL) }));
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
