import { randomUUID } from 'node:crypto';
import '@shopify/shopify-api/adapters/node';
import { ApiVersion, shopifyApi } from '@shopify/shopify-api';
import express from 'express';
import { getClickIdFromRequest, Refport } from 'refport';
import { attribution, saleFromShopify } from 'refport/webhooks';

const { PORT = 3000, SHOPIFY_API_KEY, SHOPIFY_API_SECRET, REFPORT_BASE_URL } = process.env;
const shopify = shopifyApi({
  apiKey: SHOPIFY_API_KEY,
  apiSecretKey: SHOPIFY_API_SECRET,
  apiVersion: ApiVersion.July26,
  hostName: 'shop.example.com',
  isEmbeddedApp: false,
});
const refport = new Refport({ apiKey: process.env.REFPORT_API_KEY });
const app = express();

// For the storefront, before it goes to the checkout: POST /cart/update.js { attributes }
app.post('/cart', (req, res) => {
  // Yours: the id of whoever is signed in, or of the cart.
  const customerExternalId = randomUUID();
  res.json({ attributes: attribution({ clickId: getClickIdFromRequest(req), customerExternalId }) });
});

app.post('/webhook', express.text({ type: 'application/json' }), async (req, res) => {
  const { valid } = await shopify.webhooks.validate({ rawBody: req.body, rawRequest: req, rawResponse: res });
  if (!valid) return res.sendStatus(401);
  // What the business does with the order comes first, and does not depend on what follows.
  const order = JSON.parse(req.body);
  const recorded = await report(saleFromShopify(order, { includeTest: Boolean(REFPORT_BASE_URL) }));
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
