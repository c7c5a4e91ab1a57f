import type { SandboxCall, SandboxRequest } from '../../types/testing.js';
import { type Answer, errorAnswer, jsonAnswer } from '../http/answer.ts';
import type { Settings } from '../options.ts';
import { type Effect, type State, UnknownClick } from './state.ts';
import { assertParams, InvalidParams } from './validation.ts';

/** The answer to a request, and the change it made. */
export interface Result {
  answer: Answer;
  effect?: Effect;
}

export const CALLS: Record<string, SandboxCall> = {
  '/api/track/lead': 'lead',
  '/api/track/sale': 'sale',
  '/api/embed/token': 'token',
};

export const isCall = (call: SandboxRequest['call']): call is SandboxCall =>
  call === 'lead' || call === 'sale' || call === 'token';

/** Executes a request to one of the three endpoints. */
export function executeCall(call: SandboxCall, request: SandboxRequest, state: State, settings: Settings): Result {
  if (!isAuthorized(request.headers.authorization, settings.apiKeys)) {
    return { answer: errorAnswer(401, 'UNAUTHORIZED', 'The API key is missing or not valid') };
  }
  try {
    assertJson(request);
    if (call === 'lead') return trackLead(request, state);
    return call === 'sale' ? trackSale(request, state) : createToken(request, state, settings.program);
  } catch (error) {
    if (error instanceof UnknownClick) return { answer: errorAnswer(400, 'INVALID_CLICK_ID', error.message) };
    if (!(error instanceof InvalidParams)) throw error;
    return { answer: errorAnswer(call === 'token' ? 422 : 400, 'VALIDATION_ERROR', error.message) };
  }
}

function isAuthorized(header: string | string[] | undefined, apiKeys: readonly string[]): boolean {
  const [, key] = /^bearer +(.*)$/i.exec(String(header)) ?? [];
  return key !== undefined && apiKeys.includes(key);
}

/** @throws {InvalidParams} */
function assertJson({ headers, json }: SandboxRequest): void {
  const type = String(headers['content-type'] ?? '').replace(/;.*/s, '');
  if (type.trim().toLowerCase() !== 'application/json') {
    throw new InvalidParams('The Content-Type must be application/json');
  }
  if (json === undefined) throw new InvalidParams('The body is not valid JSON');
}

function trackLead({ id, json }: SandboxRequest, state: State): Result {
  assertParams('lead', json);
  const lead = state.recordLead(json, id);
  return { answer: jsonAnswer(200, lead.response), effect: { lead } };
}

function trackSale({ id, json }: SandboxRequest, state: State): Result {
  assertParams('sale', json);
  const recorded = state.findClick(json.clickId) && state.findInvoice(json.invoiceId);
  if (recorded) return { answer: jsonAnswer(200, recorded.response) };
  const sale = state.recordSale(json, id);
  return { answer: jsonAnswer(200, sale.response), effect: { sale } };
}

function createToken({ id, json }: SandboxRequest, state: State, program: boolean): Result {
  assertParams('token', json);
  if (!program) return { answer: errorAnswer(404, 'NOT_FOUND', 'There is no active program') };
  const token = state.recordToken(json, id);
  return { answer: jsonAnswer(200, { publicToken: token.publicToken, expires: token.expires }), effect: { token } };
}
