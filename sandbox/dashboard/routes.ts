import type { Core } from '../core.ts';
import { type Answer, errorAnswer, jsonAnswer } from '../http/answer.ts';
import { readBody } from '../http/body.ts';
import type { Req, Res } from '../http/listener.ts';
import { sendAnswer } from '../http/send.ts';
import { runAction } from './actions.ts';
import { findAsset, readAsset } from './assets.ts';
import { Feed } from './event-stream.ts';
import type { OutboxView } from './outbox-view.ts';
import { viewRequestDetails } from './views.ts';

const OWN = '/_sandbox/';
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': POLICY,
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** Whether a path belongs to the sandbox's own pages. Requests to them are not recorded. */
export const isPage = (pathname: string): boolean =>
  pathname === '/' || pathname === '/favicon.ico' || pathname.startsWith(OWN);

export async function servePage(
  core: Core,
  { pathname, search }: { pathname: string; search: string },
  req: Req,
  res: Res,
): Promise<void> {
  core.feed ??= new Feed(core);
  const { feed } = core;
  if (req.method === 'GET' && pathname === `${OWN}events`) {
    const after = new URLSearchParams(search).get('after');
    return feed.read(res, String(req.headers['last-event-id'] ?? after ?? ''));
  }
  const isRead = req.method === 'GET' || req.method === 'HEAD';
  const answer = await (isRead ? read(core, feed, pathname) : change(core, pathname, req));
  await sendAnswer({ ...answer, headers: { ...SECURITY_HEADERS, ...answer.headers } }, res);
}

async function read(core: Core, feed: Feed, pathname: string): Promise<Answer> {
  if (pathname === '/') return page('text/html; charset=utf-8', readAsset('index.html'));
  const name = pathname === '/favicon.ico' ? 'icon.svg' : pathname.slice(OWN.length);
  if (name === 'state') return jsonAnswer(200, feed.state());
  const [, id] = /^requests\/(\d+)$/.exec(name) ?? [];
  const request = id && core.log.requests.find((candidate) => candidate.id === Number(id));
  if (request) return jsonAnswer(200, viewRequestDetails(request, core.state.findInvoice));
  const found = core.outbox && readOutbox(core.outbox, name);
  if (found) return await found;
  const asset = findAsset(name);
  return asset ? page(asset.type, asset.text) : errorAnswer(404, 'NOT_FOUND', `There is nothing at ${pathname}`);
}

function readOutbox(outbox: OutboxView, name: string): Promise<Answer> | undefined {
  if (name === 'outbox') return outbox.status();
  if (name === 'outbox/entries') return outbox.list();
  const [, id] = /^outbox\/entries\/(.+)$/.exec(name) ?? [];
  return id === undefined ? undefined : outbox.show(decodeURIComponent(id));
}

async function change(core: Core, pathname: string, req: Req): Promise<Answer> {
  const body = await readBody(req);
  // Forms of other sites can send other types without asking the browser first.
  if (req.headers['content-type'] !== 'application/json' || body === undefined) {
    return errorAnswer(415, 'UNSUPPORTED', 'The body must be JSON of up to 1 MiB, declared as application/json');
  }
  return runAction(core, `${req.method} ${pathname.slice(OWN.length)}`, body);
}

const page = (type: string, body: string): Answer => ({ status: 200, headers: { 'content-type': type }, body });
