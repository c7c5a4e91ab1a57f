import { randomUUID } from 'node:crypto';
import { after, type NextRequest, NextResponse } from 'next/server';
import { getClickIdFromRequest } from 'refport';
import { getRefport } from '@/lib/refport';

export async function POST(request: NextRequest) {
  const customerExternalId = request.cookies.get('session')?.value;
  if (!customerExternalId) return NextResponse.json({ error: 'Sign up first' }, { status: 401 });
  const clickId = getClickIdFromRequest(request);
  const invoiceId = `inv_${randomUUID()}`;
  if (clickId) {
    after(async () => {
      try {
        await getRefport().track.sale({ clickId, customerExternalId, amount: 4900, currency: 'eur', invoiceId });
      } catch (error) {
        console.error(`Sale ${invoiceId} not reported`, error);
      }
    });
  }
  return NextResponse.json({ invoiceId }, { status: 201 });
}
