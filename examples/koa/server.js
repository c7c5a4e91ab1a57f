import { randomUUID } from 'node:crypto';
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa from 'koa';
import { getClickIdFromRequest, Refport } from 'refport';

const refport = new Refport({ apiKey: process.env.REFPORT_API_KEY });
const users = new Map();

const router = new Router();

router.post('/signup', (ctx) => {
  const { email, name } = ctx.request.body;
  // Kept with the user: the cookie may be gone, or on another device, when they pay.
  const user = { id: randomUUID(), email, name, clickId: getClickIdFromRequest(ctx) };
  users.set(user.id, user);
  reportLead(user);
  ctx.cookies.set('session', user.id, { httpOnly: true, sameSite: 'lax' });
  ctx.status = 201;
  ctx.body = { id: user.id };
});

router.post('/buy', (ctx) => {
  const user = users.get(ctx.cookies.get('session'));
  if (!user) return ctx.throw(401, 'Sign up first');
  const invoice = { id: `inv_${randomUUID()}`, amount: 4900, currency: 'eur' };
  reportSale(user, invoice);
  ctx.status = 201;
  ctx.body = { invoiceId: invoice.id };
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

const app = new Koa();
app.use(bodyParser()).use(router.routes()).use(router.allowedMethods());

const server = app.listen(process.env.PORT ?? 3000, '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}`);
});

// Reports on their way keep the process alive until they have arrived.
process.once('SIGTERM', () => server.close(() => refport.close()));
