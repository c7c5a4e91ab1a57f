// What the documentation shows has to compile, down to the oldest TypeScript.

import {
  captureClickId,
  getClickIdFromCookie,
  getClickIdFromRequest,
  Refport,
  RefportAbortError,
  RefportAuthError,
  RefportConnectionError,
  RefportError,
  RefportNotFoundError,
  RefportRateLimitError,
  RefportTimeoutError,
  RefportValidationError,
} from 'refport';
import { Outbox } from 'refport/outbox';
import * as refportResult from 'refport/result';
import * as refportTesting from 'refport/testing';
import { attribution, saleFromStripe } from 'refport/webhooks';

declare const process: { env: Record<string, string | undefined> };

const refport = new Refport({ apiKey: process.env.REFPORT_API_KEY });

export async function signUp(request: Request): Promise<string> {
  const clickId = getClickIdFromRequest(request);
  if (!clickId) return 'no referral';
  const lead = await refport.track.lead({
    clickId,
    eventName: 'Sign up',
    customerExternalId: 'user_1',
    customerEmail: 'ada@example.com',
    customerName: 'Ada',
    customerAvatar: 'https://example.com/ada.png',
    metadata: { plan: 'pro', seats: 3, trial: { days: 14 } },
  });
  return lead === null ? 'no link' : `${lead.link.domain}/${lead.link.key} ${lead.customer.name ?? lead.click.id}`;
}

export async function purchase(cookieHeader: string | null): Promise<number> {
  const clickId = getClickIdFromCookie(cookieHeader);
  if (clickId === null) return 0;
  const { sale } = await refport.track.sale(
    {
      clickId,
      customerExternalId: 'user_1',
      amount: 4900,
      currency: 'usd',
      eventName: 'Purchase',
      invoiceId: 'in_1',
      paymentProcessor: 'stripe',
    },
    { timeout: 2000, maxRetries: 3, retryAmbiguous: false, headers: { 'x-trace': '1', 'x-none': undefined } },
  );
  return sale.status === 'approved' ? sale.commissionAmount : 0;
}

export async function portal(): Promise<string> {
  await refport.embedTokens.create({ tenantId: 'tenant_1' });
  await refport.embedTokens.create({ enrollmentId: 'enr_1' });
  const token = await refport.embedTokens.create({ partner: { email: 'ada@example.com', name: 'Ada' } });
  return `${token.publicToken} until ${token.expires.toISOString()}`;
}

export async function shutdown(): Promise<void> {
  await refport.close();
  await refport.close({ timeout: 5000 });
  const dispose: () => Promise<void> = () => refport[Symbol.asyncDispose]();
  await dispose();
}

export async function everyError(): Promise<string> {
  const abort = new AbortController();
  try {
    await refport.track.lead({ clickId: 'c', eventName: 'Sign up', customerExternalId: 'u' }, { signal: abort.signal });
    return 'sent';
  } catch (error) {
    if (error instanceof RefportAuthError) return 'key';
    if (error instanceof RefportValidationError) return error.code === 'INVALID_CLICK_ID' ? 'click' : error.message;
    if (error instanceof RefportNotFoundError) return 'nothing there';
    if (error instanceof RefportRateLimitError) return `again in ${error.retryAfter ?? 1} s`;
    if (error instanceof RefportTimeoutError) return `too slow, ${error.attempts} times`;
    if (error instanceof RefportConnectionError) return String(error.cause);
    if (error instanceof RefportAbortError) return 'aborted';
    if (error instanceof RefportError)
      return `${error.status} ${error.requestId} ${error.headers?.server} ${error.body}`;
    throw error;
  }
}

export function everyOption(): Refport[] {
  return [
    new Refport(),
    new Refport({}),
    new Refport({ apiKey: 'key', baseUrl: undefined }),
    new Refport({
      apiKey: 'key',
      baseUrl: 'http://localhost:4000/prefix/',
      timeout: 5000,
      maxRetries: 0,
      headers: { 'x-team': 'growth' },
      proxy: 'http://user:password@proxy:3128',
      ca: ['-----BEGIN CERTIFICATE-----'],
      maxConnections: 8,
      http2: true,
    }),
    new Refport({ headers: new Headers({ 'x-team': 'growth' }) }),
    new Refport({ headers: new Map([['x-team', 'growth']]) }),
    new Refport({ headers: [['x-team', 'growth']] }),
    new Refport({ proxy: false, ca: '-----BEGIN CERTIFICATE-----' }),
  ];
}

export async function detached(): Promise<void> {
  const { lead, sale } = refport.track;
  const { create } = refport.embedTokens;
  await lead({ clickId: 'c', eventName: 'Sign up', customerExternalId: 'u' });
  await sale({ clickId: 'c', customerExternalId: 'u', amount: 1 });
  await create({ tenantId: 't' });
}

export function anyRequest(store: unknown, maybe: Request | undefined): Array<string | null> {
  const find: (request: Request) => string | null = getClickIdFromRequest;
  return [
    getClickIdFromRequest(store),
    getClickIdFromRequest(JSON.parse('{}')),
    getClickIdFromRequest(maybe),
    getClickIdFromRequest(null),
    getClickIdFromRequest(new Map([['refp_id', 'abc']])),
    getClickIdFromRequest(new Map(JSON.parse('[]'))),
    getClickIdFromRequest({} as { [name: string]: ReturnType<typeof JSON.parse> }),
    getClickIdFromRequest({} as Record<string, unknown>),
    getClickIdFromRequest({ get: (name: string) => ({ name, value: 'abc' }) }),
    getClickIdFromRequest({ req: { raw: maybe, header: () => undefined } }),
    getClickIdFromRequest({ cookies: ['refp_id=abc'], headers: {}, version: '2.0' }),
    find(new Request('http://localhost/')),
    getClickIdFromRequest({ headers: { cookie: 'refp_id=abc' } }),
    getClickIdFromRequest({ cookies: { other: 'abc' } }, 'other'),
    getClickIdFromRequest(undefined),
    getClickIdFromCookie(undefined),
    getClickIdFromCookie('other=abc', 'other'),
  ];
}

export async function results(): Promise<string> {
  const client = new refportResult.Refport({ apiKey: 'key' });
  const { data, error } = await client.track.lead({ clickId: 'c', eventName: 'Sign up', customerExternalId: 'u' });
  if (error) return error.code;
  const { lead } = client.track;
  await lead({ clickId: 'c', eventName: 'Sign up', customerExternalId: 'u' });

  const sale = await client.track.sale({ clickId: 'c', customerExternalId: 'u', amount: 1 });
  if (sale.error === null) return sale.data.sale.id;
  const token = await client.embedTokens.create({ tenantId: 't' });
  if (token.data) return token.data.publicToken;
  const same: RefportError = sale.error;
  return data === null ? same.message : data.link.id;
}

export async function sandbox(): Promise<number | undefined> {
  const server = await refportTesting.createSandbox();
  const client = new Refport({ apiKey: server.apiKey, baseUrl: server.url });
  await client.track.sale({ clickId: server.clickId, customerExternalId: 'u', amount: 4900 });
  const sale = await server.waitForSale((made) => made.params.amount === 4900);
  await server.close();
  return sale.response.sale.commissionAmount;
}

export async function webhook(event: { type: string; livemode: boolean; data: { object: object } }): Promise<void> {
  const sale = saleFromStripe(event, { includeTest: true });
  if (sale) await refport.track.sale(sale);
}

export const metadata: Record<string, string> = attribution({ clickId: null, customerExternalId: 'user_1' });

export async function durable(clickId: string): Promise<number> {
  const outbox = new Outbox(refport, { path: '/tmp/outbox.db', concurrency: 4, maxAge: 3_600_000 });
  new Outbox(new refportResult.Refport({ apiKey: 'key' }), { path: '/tmp/outbox.db' });
  const { id, duplicate } = await outbox.track.sale({ clickId, customerExternalId: 'u', amount: 1 }, { id: 'order_1' });
  outbox.on('delivered', (entry, response) => void [entry.recordedAt.getTime(), response?.eventName]);
  outbox.once('parked', (entry, error) => void [entry.reason, entry.params.clickId, error?.status]);
  outbox.on('paused', ({ error, until }) => void [error.code, until.getTime()]);
  for await (const entry of outbox.parked()) {
    if (entry.call === 'lead') await outbox.resend(entry.params.eventName);
    else await outbox.discard(entry.id);
  }
  const { pending, oldest }: { pending: number; oldest: Date | null } = await outbox.stats();
  await outbox.drained({ signal: new AbortController().signal });
  await outbox.close({ timeout: 1000 });
  const any: import('refport/outbox').ConversionOutbox = outbox;
  await any.close();
  return id && !duplicate && oldest ? pending : 0;
}

export function landing(request: Request, anything: ReturnType<typeof JSON.parse>): string {
  const click = captureClickId(request, { domain: 'example.com', keep: 'first', sameSite: 'lax', maxAge: 60 });
  const others = [captureClickId(anything), captureClickId({ url: '/?refp_id=abc' }), captureClickId(undefined)];
  return [click, ...others].map((each) => (each ? `${each.clickId} ${each.setCookie}` : '')).join();
}
