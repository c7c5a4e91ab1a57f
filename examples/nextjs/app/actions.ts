'use server';

import { randomUUID } from 'node:crypto';
import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { after } from 'next/server';
import { getClickIdFromRequest } from 'refport';
import { getRefport } from '@/lib/refport';

export async function signUp(form: FormData) {
  const store = await cookies();
  const clickId = getClickIdFromRequest(store);
  const customerExternalId = randomUUID();
  store.set('session', customerExternalId, { httpOnly: true, sameSite: 'lax' });
  if (clickId) {
    // After the answer: the visitor does not wait for the report, and a serverless platform waits for it.
    after(async () => {
      try {
        await getRefport().track.lead({
          clickId,
          eventName: 'Sign up',
          customerExternalId,
          customerEmail: String(form.get('email')),
          customerName: String(form.get('name')),
        });
      } catch (error) {
        console.error(`Lead of ${customerExternalId} not reported`, error);
      }
    });
  }
  redirect('/');
}
