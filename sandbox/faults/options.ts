import { STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http';
import type { FaultKind, SandboxCall } from '../../types/testing.js';
import * as check from '../check.ts';
import { type Answer, errorAnswer, jsonAnswer } from '../http/answer.ts';
import { LONGEST_TIMER } from '../options.ts';

/** The effect of a fault on a call: a wait, a reset, or an answer in place of the API's. */
export type FaultEffect =
  | { kind: 'delay'; when: 'before' | 'after'; ms: number }
  | { kind: 'drop'; when: 'before' | 'after' | 'during' }
  | { kind: 'fail' | 'reply'; when: 'before' | 'after'; answer: Answer };

/** The options of a fault, checked, with all defaults filled in. */
export interface FaultSettings {
  on: SandboxCall | 'any';
  times: number;
  probability: number;
  enabled: boolean;
  effect: FaultEffect;
  description: string;
}

type Options = Record<string, unknown>;

const COMMON = ['on', 'times', 'probability', 'when', 'enabled'];
const OWN: Record<FaultKind, string[]> = {
  fail: ['status', 'code', 'message', 'retryAfter', 'headers'],
  drop: [],
  delay: ['ms'],
  reply: ['status', 'headers', 'body'],
};
const API_CODES: Record<number, string> = {
  400: 'VALIDATION_ERROR',
  401: 'UNAUTHORIZED',
  404: 'NOT_FOUND',
  422: 'VALIDATION_ERROR',
  429: 'RATE_LIMIT_EXCEEDED',
};

export function readFault(kind: FaultKind, options: unknown): FaultSettings {
  const given = check.checkObject(`The options of ${kind}`, options, [...OWN[kind], ...COMMON]);
  const { on = 'any', probability = 1, times = given.probability === undefined ? 1 : Infinity, enabled = true } = given;
  const settings = {
    on: check.checkChoice('on', on, ['lead', 'sale', 'token', 'any']),
    times: check.checkInteger('times', times, 1, Infinity),
    probability: readProbability(probability),
    enabled: check.checkBoolean('enabled', enabled),
    effect: readEffect(kind, given),
  };
  return { ...settings, description: describe(settings) };
}

function readProbability(value: unknown): number {
  if (typeof value === 'number' && value > 0 && value <= 1) return value;
  throw check.misuse('probability', 'a number above 0 and up to 1', value);
}

function readEffect(kind: FaultKind, given: Options): FaultEffect {
  const { when = kind === 'delay' ? 'after' : 'before' } = given;
  if (kind === 'drop') return { kind, when: check.checkChoice('when', when, ['before', 'after', 'during']) };
  const common = { when: check.checkChoice('when', when, ['before', 'after']) };
  if (kind === 'delay') return { kind, ...common, ms: check.checkNumber('ms', given.ms, 0, LONGEST_TIMER) };
  return { kind, ...common, answer: kind === 'fail' ? readFailure(given) : readReply(given) };
}

function readFailure({ status = 500, code, message, retryAfter, headers }: Options): Answer {
  const number = check.checkInteger('status', status, 400, 599);
  const phrase = STATUS_CODES[number] ?? `Status ${number}`;
  const defaultCode = API_CODES[number] ?? phrase.toUpperCase().replace(/\W+/g, '_');
  return errorAnswer(
    number,
    code === undefined ? defaultCode : check.checkString('code', code),
    message === undefined ? `${phrase} (a fault of the sandbox)` : check.checkString('message', message),
    {
      ...(retryAfter === undefined ? undefined : readHeaders({ 'retry-after': readRetryAfter(retryAfter) })),
      ...readHeaders(headers),
    },
  );
}

function readRetryAfter(value: unknown): string {
  if (typeof value === 'string') return check.checkString('retryAfter', value);
  return String(check.checkNumber('retryAfter', value, 0, 1e9));
}

function readReply({ status = 200, headers, body }: Options): Answer {
  const number = check.checkInteger('status', status, 200, 599);
  const own = readHeaders(headers);
  if (body === undefined) return { status: number, headers: own, body: '' };
  return { ...jsonAnswer(number, null, own), body: typeof body === 'string' ? body : toJson(body) };
}

function toJson(value: unknown): string {
  try {
    const text = JSON.stringify(value);
    if (text !== undefined) return text;
  } catch {}
  throw check.misuse('body', 'something that JSON can hold', value);
}

function readHeaders(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  if (value === null || typeof value !== 'object') throw check.misuse('headers', 'an object of strings', value);
  return Object.fromEntries(
    Object.entries(value).map(([name, text]) => {
      try {
        validateHeaderName(name);
        validateHeaderValue(name, text);
      } catch {
        throw check.misuse(`headers["${name}"]`, 'a header that HTTP allows', text);
      }
      return [name.toLowerCase(), String(text)];
    }),
  );
}

function describe({ on, times, probability, effect }: Omit<FaultSettings, 'description'>): string {
  const target = on === 'any' ? 'every call' : on === 'token' ? 'embedTokens.create' : `track.${on}`;
  const late = effect.when === 'after' && effect.kind !== 'delay' ? ', after it took effect' : '';
  const chance = probability < 1 ? `, ${Math.round(probability * 1000) / 10}% of the time` : '';
  const often = times === Infinity ? '' : times === 1 ? ', once' : `, ${times} times`;
  return `${target}: ${describeEffect(effect)}${late}${chance}${often}`;
}

function describeEffect(effect: FaultEffect): string {
  switch (effect.kind) {
    case 'delay':
      return `${effect.ms} ms before ${effect.when === 'before' ? 'it takes effect' : 'the answer'}`;
    case 'drop':
      return effect.when === 'during' ? 'connection reset half-way through the answer' : 'connection reset';
    case 'fail':
      return `status ${effect.answer.status}`;
    case 'reply':
      return `own answer with status ${effect.answer.status}`;
  }
}
