import { randomUUID } from 'node:crypto';
import cookieParser from 'cookie-parser';
import express from 'express';
import pg from 'pg';
import { getClickIdFromRequest, Refport } from 'refport';
import { PgOutbox } from 'refport/outbox/pg-boss';
import { charge, DeclinedError } from './payment.js';

const connectionString = process.env.DATABASE_URL;
const pool = new pg.Pool({ connectionString });
await pool.query('CREATE TABLE IF NOT EXISTS customers (id text PRIMARY KEY, email text, name text)');
await pool.query('CREATE TABLE IF NOT EXISTS orders (id text PRIMARY KEY, customer text, amount int)');

const refport = new Refport({ apiKey: process.env.REFPORT_API_KEY });
const outbox = new PgOutbox(refport, { connectionString });
outbox.on('parked', ({ id, reason }, error) => console.error(`${id} needs a decision: ${reason}, ${error?.message}`));

/** Has everything that `work` does be there, or nothing. */
async function transaction(work) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client, { executeSql: (text, values) => client.query(text, values) });
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

const app = express();
app.use(express.json(), cookieParser());

app.post('/signup', async (req, res) => {
  const id = randomUUID();
  const clickId = getClickIdFromRequest(req);
  const { email, name } = req.body;
  await transaction(async (client, db) => {
    await client.query('INSERT INTO customers VALUES ($1, $2, $3)', [id, email, name]);
    if (!clickId) return;
    const lead = { clickId, eventName: 'Sign up', customerExternalId: id, customerEmail: email, customerName: name };
    await outbox.track.lead(lead, { db });
  });
  res.cookie('session', id, { httpOnly: true, sameSite: 'lax' }).status(201).json({ id });
});

app.post('/buy', async (req, res) => {
  const customerExternalId = req.cookies.session;
  if (!customerExternalId) return res.status(401).json({ error: 'Sign up first' });
  const clickId = getClickIdFromRequest(req);
  const invoiceId = `inv_${randomUUID()}`;
  const amount = 4900;
  try {
    await transaction(async (client, db) => {
      await client.query('INSERT INTO orders VALUES ($1, $2, $3)', [invoiceId, customerExternalId, amount]);
      if (clickId) {
        await outbox.track.sale({ clickId, customerExternalId, amount, currency: 'eur', invoiceId }, { db });
      }
      // Throws if the card is declined: then there is neither an order nor a sale.
      await charge(req.body.card);
    });
  } catch (error) {
    if (error instanceof DeclinedError) return res.status(402).json({ error: error.message });
    throw error;
  }
  res.status(201).json({ invoiceId });
});

const server = app.listen(process.env.PORT ?? 3000, '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}`);
});

process.once('SIGTERM', () => {
  server.close(async () => {
    await outbox.close();
    await refport.close();
    await pool.end();
  });
});
