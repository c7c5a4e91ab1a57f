import { randomBytes, randomUUID } from 'node:crypto';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { fromNodeHeaders, toNodeHandler } from 'better-auth/node';
import express from 'express';
import { Refport } from 'refport';
import { refportPlugin } from './refport-plugin.js';

const refport = new Refport({ apiKey: process.env.REFPORT_API_KEY });

const auth = betterAuth({
  // Stands in for a database.
  database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
  secret: process.env.BETTER_AUTH_SECRET ?? randomBytes(32).toString('hex'),
  baseURL: { allowedHosts: ['127.0.0.1:*'] },
  emailAndPassword: { enabled: true },
  plugins: [refportPlugin({ client: refport })],
});

const app = express();
app.all('/api/auth/*path', toNodeHandler(auth));

app.post('/buy', async (req, res) => {
  const session = await auth.api.getSession({ headers: fromNodeHeaders(req.headers) });
  if (!session) return res.status(401).json({ error: 'Sign up first' });
  const { id, refpClickId } = session.user;
  const invoiceId = `inv_${randomUUID()}`;
  if (refpClickId) {
    refport.track
      .sale({ clickId: refpClickId, customerExternalId: id, amount: 4900, currency: 'eur', invoiceId })
      .catch((error) => console.error(`Sale ${invoiceId} not reported: ${error.message}`));
  }
  res.status(201).json({ invoiceId });
});

const server = app.listen(process.env.PORT ?? 3000, '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}`);
});

// Reports on their way keep the process alive until they have arrived.
process.once('SIGTERM', () => server.close(() => refport.close()));
