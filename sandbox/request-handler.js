'use strict';

const { setTimeout: sleep } = require('node:timers/promises');
const { CALLS, answerCall, isCall } = require('./api/endpoints.js');
const { errorAnswer } = require('./http/answer.js');
const { readBody } = require('./http/body.js');
const { sendAnswer, sendHalf } = require('./http/send.js');
const { guard } = require('./http/origin-check.js');
const { followLink, isShortLink } = require('./api/short-links.js');
const { isPage, servePage } = require('./dashboard/routes.js');
const { openPortal, PORTAL_PATH } = require('./dashboard/portal.js');

/**
 * @typedef {import('./http/listener.js').Req} Req
 * @typedef {import('./http/listener.js').Res} Res
 * @typedef {import('./http/listener.js').Listener} Listener
 * @typedef {import('./http/answer.js').Answer} Answer
 * @typedef {import('./core.js').Core} Core
 * @typedef {import('../types/testing.js').SandboxRequest} SandboxRequest
 * @typedef {import('./api/endpoints.js').Result} Result
 * @typedef {{ outcome: 'answered' | 'dropped', response: Answer | null }} Conclusion
 */

/** Thrown to leave an exchange whose client is gone, or that a reset has made void. */
const LEFT = Symbol('left');

/**
 * The way of one request through the sandbox: received, written down, carried out and answered, with the faults
 * that are programmed along the way.
 *
 * @param {Core} core
 * @param {Listener} listener
 * @param {Req} req
 * @param {Res} res
 */
async function exchange(core, listener, req, res) {
  const gone = new AbortController();
  res.on('close', () => gone.abort());
  const epoch = core.epoch;
  const cut = () => listener.cut(req);
  core.underWay.add(cut);
  const stay = () => {
    if (gone.signal.aborted || core.epoch !== epoch) throw LEFT;
  };
  /** @param {number} ms */
  const wait = async (ms) => {
    if (ms > 0) await sleep(ms, undefined, { signal: gone.signal }).catch(() => {});
    stay();
  };

  /** @type {SandboxRequest | undefined} */
  let request;
  try {
    const target = readTarget(req);
    const refusal = guard(target.host, req.headers.origin, core.settings);
    if (!refusal && isPage(target.pathname)) {
      // A reset comes from a page, and must not cut off its own answer.
      core.underWay.delete(cut);
      await servePage(core, target, req, res);
      return;
    }
    const body = await readBody(req);
    stay();
    const arrival = describe(req, target, body ?? '');
    const plan = core.faults.plan(refusal ? null : arrival.call);
    request = /** @type {SandboxRequest} */ (core.recorder.arrive(arrival, plan.kinds));
    await wait(plan.before);

    const result =
      plan.end?.when === 'before' ? NO_RESULT : (refuse(request, refusal, body) ?? carryOut(core, request));
    const { answer, effect } = result;
    if (effect) core.keep(effect);
    await wait(plan.after + (isCall(request.call) ? core.pickLatency() : 0));
    const conclusion = conclude(answer, plan.end);
    const sent = await keepOutcome(core, request, conclusion, stay);
    core.underWay.delete(cut);
    await send(sent, req, res, listener);
  } catch (error) {
    if (error !== LEFT && !gone.signal.aborted) throw error;
    if (request?.outcome === 'pending' && core.epoch === epoch) core.giveUp(request);
  } finally {
    core.underWay.delete(cut);
  }
}

/**
 * What a call that a fault keeps from taking effect comes to; the answer is never sent.
 *
 * @type {Result}
 */
const NO_RESULT = { answer: errorAnswer(500, 'UNKNOWN', '') };

/**
 * @param {Answer} answer
 * @param {import('./faults/faults.js').Plan['end']} fault
 * @returns {Conclusion}
 */
function conclude(answer, fault) {
  if (fault?.kind !== 'drop') return { outcome: 'answered', response: fault?.answer ?? answer };
  return { outcome: 'dropped', response: fault.when === 'during' ? answer : null };
}

/**
 * Writes the outcome down before the first byte is sent, so that a client which has its answer finds it there.
 *
 * @param {Core} core
 * @param {SandboxRequest} request
 * @param {Conclusion} conclusion
 * @param {() => void} stay
 * @returns {Promise<Conclusion>} what to send
 */
async function keepOutcome(core, request, conclusion, stay) {
  const duration = core.recorder.elapsed(request);
  const problem = await core.keepRequest(request, { ...conclusion, duration });
  stay();
  const real = problem ? conclude(errorAnswer(500, 'SANDBOX_ERROR', problem), undefined) : conclusion;
  core.recorder.finish(request, { ...real, duration });
  return real;
}

/**
 * @param {Conclusion} conclusion
 * @param {Req} req
 * @param {Res} res
 * @param {Listener} listener
 */
async function send({ outcome, response }, req, res, listener) {
  if (!response) return listener.drop(req);
  if (outcome === 'answered') {
    await sendAnswer(response, res);
    if (!req.complete) listener.cut(req);
  } else {
    await sendHalf(response, res);
    listener.breakOff(req);
  }
}

/**
 * @param {Req} req
 * @returns {{ host: string, pathname: string, search: string }}
 */
function readTarget(req) {
  const target = String(req.url);
  // Proxies send whole URLs.
  const url = target.startsWith('/') ? `http://sandbox${target}` : target;
  const { pathname, search } = URL.canParse(url) ? new URL(url) : { pathname: target, search: '' };
  return { host: String(req.headers[':authority'] ?? req.headers.host ?? ''), pathname, search };
}

/**
 * @param {Req} req
 * @param {ReturnType<typeof readTarget>} target
 * @param {string} body
 * @returns {import('./records/request-log.js').Arrival}
 */
function describe(req, { host, pathname, search }, body) {
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

/**
 * @param {string} method
 * @param {string} pathname
 * @returns {SandboxRequest['call']}
 */
function recognize(method, pathname) {
  if (method === 'POST') return CALLS[pathname] ?? null;
  if (method !== 'GET') return null;
  if (pathname === PORTAL_PATH) return 'portal';
  return isShortLink(pathname) ? 'click' : null;
}

/**
 * @param {SandboxRequest} request
 * @param {Answer | undefined} refusal
 * @param {string | undefined} body
 * @returns {Result | undefined}
 */
function refuse({ call, path }, refusal, body) {
  if (refusal) return { answer: refusal };
  if (body === undefined) return { answer: errorAnswer(413, 'PAYLOAD_TOO_LARGE', 'The body is larger than 1 MiB') };
  if (call) return undefined;
  const pathname = pathOf(path);
  if (Object.hasOwn(CALLS, pathname)) {
    return { answer: errorAnswer(405, 'METHOD_NOT_ALLOWED', `${pathname} takes POST`, { allow: 'POST' }) };
  }
  return { answer: errorAnswer(404, 'NOT_FOUND', `There is nothing at ${pathname}`) };
}

/**
 * @param {Core} core
 * @param {SandboxRequest} request
 * @returns {Result}
 */
function carryOut(core, request) {
  try {
    if (request.call === 'click') return followLink(pathOf(request.path), core);
    if (request.call === 'portal') return { answer: openPortal(request.path, core) };
    return answerCall(request, core.state, core.settings);
  } catch (error) {
    // Only the user's commission function can throw here.
    return { answer: errorAnswer(500, 'SANDBOX_ERROR', error instanceof Error ? error.message : String(error)) };
  }
}

/** @param {string} path with query */
const pathOf = (path) => path.replace(/\?.*/, '');

exports.exchange = exchange;
