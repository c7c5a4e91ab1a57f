// What must not compile.

import * as refport from 'refport';
import { Outbox } from 'refport/outbox';
import * as result from 'refport/result';

const { captureClickId, getClickIdFromCookie, getClickIdFromRequest, Refport } = refport;
const client = new Refport({ apiKey: 'key' });
const { track, embedTokens } = client;

export async function options(): Promise<void> {
  // @ts-expect-error the key is a string
  new Refport({ apiKey: 1 });
  // @ts-expect-error no such option
  new Refport({ apiKey: 'key', retries: 3 });
  // @ts-expect-error milliseconds are a number
  new Refport({ timeout: '10s' });
  // @ts-expect-error a version is no switch
  new Refport({ http2: 2 });
  // @ts-expect-error true is no proxy
  new Refport({ proxy: true });
  // @ts-expect-error an options object, not the key alone
  new Refport('key');
  // @ts-expect-error header values are strings
  new Refport({ headers: { 'x-count': 1 } });
  // @ts-expect-error called without new
  Refport({ apiKey: 'key' });
  // @ts-expect-error the key is not to be had back
  client.apiKey;
  // @ts-expect-error read-only
  client.track = track;
}

export function outboxes(outbox: Outbox): void {
  // @ts-expect-error it is called parked
  outbox.on('park', () => {});
  // @ts-expect-error the entry comes first
  outbox.on('parked', (error: Error) => void error.stack);
  // @ts-expect-error the same, once
  outbox.once('delivered', (entry: number) => void entry);
  // @ts-expect-error a listener is needed
  outbox.off('paused');
  // @ts-expect-error a file is needed
  new Outbox(client, {});
  // @ts-expect-error a date or milliseconds
  void outbox.track.sale({ clickId: 'c', customerExternalId: 'u', amount: 1 }, { deliverAfter: '14d' });
}

export async function parameters(): Promise<void> {
  // @ts-expect-error customerExternalId is missing
  await track.lead({ clickId: 'c', eventName: 'Sign up' });
  // @ts-expect-error null is no click
  await track.lead({ clickId: getClickIdFromRequest({}), eventName: 'Sign up', customerExternalId: 'u' });
  // @ts-expect-error misspelt
  await track.lead({ clickId: 'c', eventName: 'Sign up', customerExternalId: 'u', customerMail: 'a@example.com' });
  // @ts-expect-error amount is missing
  await track.sale({ clickId: 'c', customerExternalId: 'u' });
  // @ts-expect-error the amount is a number
  await track.sale({ clickId: 'c', customerExternalId: 'u', amount: '4900' });
  // @ts-expect-error no such processor
  await track.sale({ clickId: 'c', customerExternalId: 'u', amount: 1, paymentProcessor: 'cash' });
  // @ts-expect-error a partner has an e-mail address
  await embedTokens.create({ partner: { name: 'Ada' } });
  // @ts-expect-error one of the three is needed
  await embedTokens.create({});
  // @ts-expect-error a parameter is needed
  await embedTokens.create();
  // @ts-expect-error no such option
  await track.lead({ clickId: 'c', eventName: 'Sign up', customerExternalId: 'u' }, { retry: true });
  // @ts-expect-error a signal, not its controller
  await track.lead({ clickId: 'c', eventName: 'Sign up', customerExternalId: 'u' }, { signal: new AbortController() });
}

export async function responses(): Promise<void> {
  const lead = await track.lead({ clickId: 'c', eventName: 'Sign up', customerExternalId: 'u' });
  // @ts-expect-error a click without link has no lead
  lead.link;
  const token = await embedTokens.create({ tenantId: 't' });
  // @ts-expect-error a Date, not a string
  const expires: string = token.expires;
  const sale = await new result.Refport().track.sale({ clickId: 'c', customerExternalId: 'u', amount: 1 });
  // @ts-expect-error nothing is known before `error` was looked at
  sale.data.sale;
  // @ts-expect-error the results entry returns no bare response
  sale.sale;
  return void expires;
}

export function errors(): void {
  // @ts-expect-error the message comes first, as it always did in the classes of one status
  new refport.RefportAuthError(401, 'UNAUTHORIZED', 'no');
  // @ts-expect-error three arguments, or a message
  new refport.RefportError(500, 'X');
}

export function helpers(): void {
  // @ts-expect-error a header, not a request
  getClickIdFromCookie({ headers: {} });
  // @ts-expect-error the name of the cookie is a string
  getClickIdFromRequest({}, 1);
  // @ts-expect-error a header goes to getClickIdFromCookie
  getClickIdFromRequest('refp_id=abc');
  // @ts-expect-error what Headers give, too
  getClickIdFromRequest(new Headers().get('cookie'));
  const { cookie }: Record<string, string | undefined> = {};
  // @ts-expect-error and what Node gives
  getClickIdFromRequest(cookie);
  // @ts-expect-error Next.js' cookies() has to be awaited
  getClickIdFromRequest(Promise.resolve({ get: (name: string) => ({ name, value: 'abc' }) }));
  // @ts-expect-error so has anything else that comes later
  getClickIdFromRequest({} as PromiseLike<Request>, 'other');
  // @ts-expect-error a browser's cookieStore answers later
  getClickIdFromRequest({} as { get(name: string): Promise<{ name?: string; value?: string } | null> });
  // @ts-expect-error the cookies of a request without the request
  getClickIdFromRequest({} as Record<string, string>);
  // @ts-expect-error as Fastify and Next.js declare them
  getClickIdFromRequest({} as { [name: string]: string | undefined });
  // @ts-expect-error may be null
  const clickId: string = getClickIdFromCookie('refp_id=abc');
  return void clickId;
}

export function landing(request: Request): void {
  // @ts-expect-error the request, not its URL
  captureClickId('https://example.com/?refp_id=abc');
  // @ts-expect-error comes later
  captureClickId(Promise.resolve(request));
  // @ts-expect-error misspelt
  captureClickId(request, { maxage: 60 });
  // @ts-expect-error seconds are a number
  captureClickId(request, { maxAge: '90d' });
  // @ts-expect-error no such policy
  captureClickId(request, { sameSite: 'loose' });
  // @ts-expect-error either of the two
  captureClickId(request, { keep: 'both' });
  // @ts-expect-error may be null
  captureClickId(request).setCookie;
}
