import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { getClickIdFromRequest, Refport } from 'refport';

const refport = new Refport({ apiKey: process.env.REFPORT_API_KEY });
const report = (call) => call.catch((error) => console.error(`Not reported: ${error.message}`));

const routes = {
  async 'POST /signup'(req) {
    const id = randomUUID();
    const { email: customerEmail, name: customerName } = /** @type {any} */ (await json(req));
    const clickId = getClickIdFromRequest(req);
    const lead = { clickId, eventName: 'Sign up', customerExternalId: id, customerEmail, customerName };
    if (clickId) report(refport.track.lead(lead));
    return { id };
  },
  async 'POST /buy'(req) {
    const { id } = /** @type {any} */ (await json(req));
    const invoiceId = `inv_${randomUUID()}`;
    const clickId = getClickIdFromRequest(req);
    const sale = { clickId, customerExternalId: id, amount: 4900, currency: 'eur', invoiceId };
    if (clickId) report(refport.track.sale(sale));
    return { invoiceId };
  },
};

const server = createServer(async (req, res) => {
  const route = routes[`${req.method} ${req.url}`];
  if (!route) return res.writeHead(404).end();
  const answer = await route(req);
  res.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
});

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`Listening on http://127.0.0.1:${port}`);
});

process.once('SIGTERM', () => server.close(() => refport.close()));
