import { randomUUID } from 'node:crypto';
import { createError, defineEventHandler, getCookie, setResponseStatus } from 'h3';
import { refport, users } from '../lib/refport.js';

export default defineEventHandler((event) => {
  const user = users.get(getCookie(event, 'session'));
  if (!user) throw createError({ status: 401, message: 'Sign up first' });
  const invoice = { id: `inv_${randomUUID()}`, amount: 4900, currency: 'eur' };
  event.waitUntil(reportSale(user, invoice));
  setResponseStatus(event, 201);
  return { invoiceId: invoice.id };
});

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
