import { randomUUID } from 'node:crypto';
import cookie from '@fastify/cookie';
import Fastify from 'fastify';
import { getClickIdFromRequest, Refport } from 'refport';

const refport = new Refport({ apiKey: process.env.REFPORT_API_KEY });
const users = new Map();

const app = Fastify();
await app.register(cookie);

const signUp = {
  body: {
    type: 'object',
    required: ['email', 'name'],
    properties: { email: { type: 'string' }, name: { type: 'string' } },
  },
};

app.post('/signup', { schema: signUp }, async (request, reply) => {
  const { email, name } = /** @type {{ email: string, name: string }} */ (request.body);
  // Kept with the user: the cookie may be gone, or on another device, when they pay.
  const user = { id: randomUUID(), email, name, clickId: getClickIdFromRequest(request) };
  users.set(user.id, user);
  // Not awaited: nobody waits for the report, and if it fails, the user has signed up all the same.
  if (user.clickId) {
    refport.track
      .lead({
        clickId: user.clickId,
        eventName: 'Sign up',
        customerExternalId: user.id,
        customerEmail: email,
        customerName: name,
      })
      .catch((error) => request.log.error({ err: error }, 'Lead not reported'));
  }
  reply.setCookie('session', user.id, { httpOnly: true, path: '/', sameSite: 'lax' }).code(201);
  return { id: user.id };
});

app.post('/buy', async (request, reply) => {
  const user = users.get(request.cookies.session);
  if (!user) return reply.code(401).send({ error: 'Sign up first' });
  const invoice = { id: `inv_${randomUUID()}`, amount: 4900, currency: 'eur' };
  if (user.clickId) {
    refport.track
      .sale({
        clickId: user.clickId,
        customerExternalId: user.id,
        amount: invoice.amount,
        currency: invoice.currency,
        invoiceId: invoice.id,
      })
      .catch((error) => request.log.error({ err: error }, 'Sale not reported'));
  }
  reply.code(201);
  return { invoiceId: invoice.id };
});

console.log(`Listening on ${await app.listen({ port: Number(process.env.PORT ?? 3000) })}`);

// Reports on their way keep the process alive until they have arrived.
process.once('SIGTERM', () => app.close());
