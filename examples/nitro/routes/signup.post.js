import { randomUUID } from 'node:crypto';
import { defineEventHandler, readBody, setCookie, setResponseStatus } from 'h3';
import { getClickIdFromRequest } from 'refport';
import { refport, users } from '../lib/refport.js';

export default defineEventHandler(async (event) => {
  const { email, name } = await readBody(event);
  // Kept with the user: the cookie may be gone, or on another device, when they pay.
  const user = { id: randomUUID(), email, name, clickId: getClickIdFromRequest(event) };
  users.set(user.id, user);
  event.waitUntil(reportLead(user));
  setCookie(event, 'session', user.id, { httpOnly: true, sameSite: 'lax' });
  setResponseStatus(event, 201);
  return { id: user.id };
});

// Handed to waitUntil: the visitor does not wait for the report, and the server does not stop before it has arrived.
async function reportLead({ id, email, name, clickId }) {
  if (!clickId) return;
  await refport.track
    .lead({ clickId, eventName: 'Sign up', customerExternalId: id, customerEmail: email, customerName: name })
    .catch((error) => console.error(`Lead of ${id} not reported: ${error.message}`));
}
