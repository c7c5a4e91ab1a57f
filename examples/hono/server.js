import { randomUUID } from 'node:crypto';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { getClickIdFromRequest, Refport } from 'refport';

const refport = new Refport({ apiKey: process.env.REFPORT_API_KEY });
const users = new Map();

const app = new Hono();

app.post('/signup', async (c) => {
  const { email, name } = await c.req.json();
  // Kept with the user: the cookie may be gone, or on another device, when they pay.
  const user = { id: randomUUID(), email, name, clickId: getClickIdFromRequest(c.req.raw) };
  users.set(user.id, user);
  reportLead(user);
  setCookie(c, 'session', user.id, { httpOnly: true, sameSite: 'Lax' });
  return c.json({ id: user.id }, 201);
});

app.post('/buy', (c) => {
  const user = users.get(getCookie(c, 'session'));
  if (!user) return c.json({ error: 'Sign up first' }, 401);
  const invoice = { id: `inv_${randomUUID()}`, amount: 4900, currency: 'eur' };
  reportSale(user, invoice);
  return c.json({ invoiceId: invoice.id }, 201);
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

const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env.PORT ?? 3000) }, ({ port }) =>
  console.log(`Listening on http://127.0.0.1:${port}`),
);

// Reports on their way keep the process alive until they have arrived.
process.once('SIGTERM', () => server.close(() => refport.close()));
