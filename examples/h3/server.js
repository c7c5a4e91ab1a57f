import { randomUUID } from 'node:crypto';
import { getCookie, H3, HTTPError, readBody, serve, setCookie } from 'h3';
import { getClickIdFromRequest, Refport } from 'refport';

const refport = new Refport({ apiKey: process.env.REFPORT_API_KEY });
const users = new Map();

const app = new H3();

app.post('/signup', async (event) => {
  const { email, name } = /** @type {any} */ (await readBody(event));
  // Kept with the user: the cookie may be gone, or on another device, when they pay.
  const user = { id: randomUUID(), email, name, clickId: getClickIdFromRequest(event) };
  users.set(user.id, user);
  event.waitUntil(reportLead(user));
  setCookie(event, 'session', user.id, { httpOnly: true, sameSite: 'lax' });
  event.res.status = 201;
  return { id: user.id };
});

app.post('/buy', (event) => {
  const user = users.get(getCookie(event, 'session'));
  if (!user) throw new HTTPError({ status: 401, message: 'Sign up first' });
  const invoice = { id: `inv_${randomUUID()}`, amount: 4900, currency: 'eur' };
  event.waitUntil(reportSale(user, invoice));
  event.res.status = 201;
  return { invoiceId: invoice.id };
});

// Handed to waitUntil: no visitor waits for the reports, and the server does not stop before they have arrived.
async function reportLead({ id, email, name, clickId }) {
  if (!clickId) return;
  await refport.track
    .lead({ clickId, eventName: 'Sign up', customerExternalId: id, customerEmail: email, customerName: name })
    .catch((error) => console.error(`Lead of ${id} not reported: ${error.message}`));
}

async function reportSale({ id, clickId }, invoice) {
  if (!clickId) return;
  await refport.track
    .sale({
      clickId,
      customerExternalId: id,
      amount: invoice.amount,
      currency: invoice.currency,
      invoiceId: invoice.id,
    })
    .catch((error) => console.error(`Sale ${invoice.id} not reported: ${error.message}`));
}

// Asked for by name: left to itself, the server skips it where CI is set.
const gracefulShutdown = true;
const server = serve(app, { hostname: '127.0.0.1', port: process.env.PORT ?? 3000, silent: true, gracefulShutdown });
await server.ready();
console.log(`Listening on ${server.url}`);
