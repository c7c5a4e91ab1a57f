'use strict';

const { setTimeout: sleep } = require('node:timers/promises');
const { CALLS, answerCall, isCall } = require('./api.js');
const { errorAnswer } = require('./answer.js');
const { readBody } = require('./body.js');
const { sendAnswer, sendHalf } = require('./delivery.js');
const { guard } = require('./guard.js');
const { followLink, isShortLink } = require('./links.js');

/**
 * @typedef {import('./listener.js').Req} Req
 * @typedef {import('./listener.js').Res} Res
 * @typedef {import('./listener.js').Listener} Listener
 * @typedef {import('./answer.js').Answer} Answer
 * @typedef {import('./core.js').Core} Core
 * @typedef {import('../../testing.js').SandboxRequest} SandboxRequest
 * @typedef {import('./api.js').Result} Result
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
    const body = await readBody(req);
    stay();
    const arrival = describe(req, target, body ?? '');
    const plan = core.faults.plan(refusal ? null : arrival.call);
    request = core.recorder.arrive(arrival, plan.kinds);
    await wait(plan.before);

    const result =
      plan.end?.when === 'before' ? NO_RESULT : (refuse(request, refusal, body) ?? carryOut(core, request));
    const { answer, effect } = result;
    if (effect) core.announce(effect);
    await wait(plan.after + (isCall(request.call) ? core.pickLatency() : 0));
    core.underWay.delete(cut);
    await finish(core, listener, request, answer, plan.end, req, res);
  } catch (error) {
    if (error !== LEFT && !gone.signal.aborted) throw error;
    if (request?.outcome === 'pending' && core.epoch === epoch) core.recorder.finish(request, 'aborted', null);
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
 * The outcome is written down before the first byte is sent, so that a client which has its answer finds it there.
 *
 * @param {Core} core
 * @param {Listener} listener
 * @param {SandboxRequest} request
 * @param {Answer} answer
 * @param {import('./faults.js').Plan['end']} fault
 * @param {Req} req
 * @param {Res} res
 */
async function finish(core, listener, request, answer, fault, req, res) {
  if (fault?.kind === 'drop' && fault.when === 'during') {
    core.recorder.finish(request, 'dropped', answer);
    await sendHalf(answer, req, res);
    listener.breakOff(req);
  } else if (fault?.kind === 'drop') {
    core.recorder.finish(request, 'dropped', null);
    listener.drop(req);
  } else {
    const sent = fault?.answer ?? answer;
    core.recorder.finish(request, 'answered', sent);
    await sendAnswer(sent, req, res);
    if (!req.complete) listener.cut(req);
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
 * @returns {import('./recorder.js').Arrival}
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
  return method === 'GET' && isShortLink(pathname) ? 'click' : null;
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
    return answerCall(request, core.state, core.settings);
  } catch (error) {
    // Only the user's commission function can throw here.
    return { answer: errorAnswer(500, 'SANDBOX_ERROR', error instanceof Error ? error.message : String(error)) };
  }
}

/** @param {string} path with query */
const pathOf = (path) => path.replace(/\?.*/, '');

exports.exchange = exchange;
