import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxRequest } from '../types/testing.js';
import { CALLS, executeCall, isCall, type Result } from './api/endpoints.ts';
import { followLink, isShortLink } from './api/short-links.ts';
import type { Core } from './core.ts';
import { openPortal, PORTAL_PATH } from './dashboard/portal.ts';
import { isPage, servePage } from './dashboard/routes.ts';
import type { Plan } from './faults/faults.ts';
import { type Answer, errorAnswer } from './http/answer.ts';
import { readBody } from './http/body.ts';
import type { Listener, Req, Res } from './http/listener.ts';
import { checkOrigin } from './http/origin-check.ts';
import { sendAnswer, sendHalf } from './http/send.ts';
import type { Arrival } from './records/request-log.ts';

interface Conclusion {
  outcome: 'answered' | 'dropped';
  response: Answer | null;
}

/** Thrown when the client is gone or a reset has made the request void. */
const ABANDONED = Symbol('abandoned');

/** The result of a call that a fault keeps from taking effect; its answer is never sent. */
const NO_RESULT: Result = { answer: errorAnswer(500, 'UNKNOWN', '') };

/** Receives, records, executes and answers one request, with its faults along the way. */
export async function handleRequest(core: Core, listener: Listener, req: Req, res: Res): Promise<void> {
  const gone = new AbortController();
  res.on('close', () => gone.abort());
  const epoch = core.epoch;
  const abort = () => listener.abort(req);
  core.aborts.add(abort);
  const checkStillWanted = () => {
    if (gone.signal.aborted || core.epoch !== epoch) throw ABANDONED;
  };
  const wait = async (ms: number) => {
    if (ms > 0) await sleep(ms, undefined, { signal: gone.signal }).catch(() => {});
    checkStillWanted();
  };

  let request: ReturnType<Core['log']['arrive']> | undefined;
  try {
    const target = readTarget(req);
    const refusal = checkOrigin(target.host, req.headers.origin, core.settings);
    if (!refusal && isPage(target.pathname)) {
      // The dashboard's own request to reset must not abort itself.
      core.aborts.delete(abort);
      await servePage(core, target, req, res);
      return;
    }
    const body = await readBody(req);
    checkStillWanted();
    const arrival = describe(req, target, body ?? '');
    const plan = core.faults.plan(refusal ? null : arrival.call);
    request = core.log.arrive(arrival, plan.kinds);
    await wait(plan.before);

    const rejection = () => (refusal ? { answer: refusal } : findRejection(arrival, target.pathname, body));
    const result = plan.end?.when === 'before' ? NO_RESULT : (rejection() ?? execute(core, request, target.pathname));
    if (result.effect) core.publish(result.effect);
    await wait(plan.after + (isCall(request.call) ? core.pickLatency() : 0));

    // Recorded before the first byte is sent, so that a client with its answer finds the outcome here.
    const duration = core.log.elapsed(request);
    let conclusion = conclude(result.answer, plan.end);
    const problem = await core.storeRequest(request, { ...conclusion, duration });
    checkStillWanted();
    if (problem) conclusion = conclude(errorAnswer(500, 'SANDBOX_ERROR', problem), undefined);
    core.log.finish(request, { ...conclusion, duration });
    core.aborts.delete(abort);
    await send(conclusion, req, res, listener);
  } catch (error) {
    if (error !== ABANDONED && !gone.signal.aborted) throw error;
    if (request?.outcome === 'pending' && core.epoch === epoch) core.abandon(request);
  } finally {
    core.aborts.delete(abort);
  }
}

function conclude(answer: Answer, fault: Plan['end']): Conclusion {
  if (fault?.kind === 'drop') return { outcome: 'dropped', response: fault.when === 'during' ? answer : null };
  return { outcome: 'answered', response: fault?.answer ?? answer };
}

async function send({ outcome, response }: Conclusion, req: Req, res: Res, listener: Listener): Promise<void> {
  if (!response) return listener.drop(req);
  if (outcome === 'answered') {
    await sendAnswer(response, res);
    if (!req.complete) listener.abort(req);
  } else {
    await sendHalf(response, res);
    listener.closeConnection(req);
  }
}

interface Target {
  host: string;
  pathname: string;
  search: string;
}

function readTarget(req: Req): Target {
  const target = String(req.url);
  // Proxies send whole URLs.
  const url = target.startsWith('/') ? `http://sandbox${target}` : target;
  const { pathname, search } = URL.canParse(url) ? new URL(url) : { pathname: target, search: '' };
  return { host: String(req.headers[':authority'] ?? req.headers.host ?? ''), pathname, search };
}

function describe(req: Req, { host, pathname, search }: Target, body: string): Arrival {
  const headers = Object.entries(req.headers).filter(([name]) => !name.startsWith(':'));
  return {
    call: recognize(String(req.method), pathname),
    method: String(req.method),
    path: pathname + search,
    httpVersion: req.httpVersion,
    headers: { host, ...Object.fromEntries(headers) },
    body,
  };
}

function recognize(method: string, pathname: string): SandboxRequest['call'] {
  if (method === 'POST') return CALLS[pathname] ?? null;
  if (method !== 'GET') return null;
  if (pathname === PORTAL_PATH) return 'portal';
  return isShortLink(pathname) ? 'click' : null;
}

/** The result of a request that is too large, or to something that does not exist. */
function findRejection({ call }: Arrival, pathname: string, body: string | undefined): Result | undefined {
  if (body === undefined) return { answer: errorAnswer(413, 'PAYLOAD_TOO_LARGE', 'The body is larger than 1 MiB') };
  if (call) return undefined;
  if (Object.hasOwn(CALLS, pathname)) {
    return { answer: errorAnswer(405, 'METHOD_NOT_ALLOWED', `${pathname} takes POST`, { allow: 'POST' }) };
  }
  return { answer: errorAnswer(404, 'NOT_FOUND', `There is nothing at ${pathname}`) };
}

function execute(core: Core, request: SandboxRequest, pathname: string): Result {
  const { call } = request;
  try {
    if (call === 'click') return followLink(pathname, core);
    if (isCall(call)) return executeCall(call, request, core.state, core.settings);
    return { answer: openPortal(request.path, core) };
  } catch (error) {
    // Only the user's commission function can throw here.
    return { answer: errorAnswer(500, 'SANDBOX_ERROR', error instanceof Error ? error.message : String(error)) };
  }
}
