import { randomClickId } from '../api/short-links.ts';
import * as check from '../check.ts';
import type { Core } from '../core.ts';
import { SandboxError } from '../errors.ts';
import { type Answer, errorAnswer, jsonAnswer } from '../http/answer.ts';
import { readClick } from '../options.ts';
import { viewClick, viewFault } from './views.ts';

type Action = (core: Core, body: Record<string, unknown>, id: number) => Answer | Promise<Answer>;

/** The changes that the dashboard can make, with the same checks as the methods of the sandbox. */
const ACTIONS: Array<[pattern: RegExp, action: Action]> = [
  [/^POST faults$/, addFault],
  [/^PATCH faults\/(\d+)$/, switchFault],
  [/^DELETE faults\/(\d+)$/, removeFault],
  [/^POST clicks$/, addClick],
  [/^POST reset$/, reset],
  [/^POST outbox\/resend$/, resendEntry],
  [/^POST outbox\/discard$/, discardEntry],
];

/** @param command - method and path */
export async function runAction(core: Core, command: string, body: string): Promise<Answer> {
  for (const [pattern, action] of ACTIONS) {
    const match = pattern.exec(command);
    if (!match) continue;
    try {
      return await action(core, parse(body), Number(match[1]));
    } catch (error) {
      if (error instanceof SandboxError) return errorAnswer(422, error.code, error.message);
      throw error;
    }
  }
  return errorAnswer(404, 'NOT_FOUND', `The sandbox has no ${command}`);
}

function addFault(core: Core, { kind, ...options }: Record<string, unknown>): Answer {
  const checked = check.checkChoice('kind', kind, ['fail', 'drop', 'delay', 'reply']);
  return jsonAnswer(201, viewFault(core.faults.add(checked, options)));
}

function switchFault(core: Core, { enabled }: Record<string, unknown>, id: number): Answer {
  const fault = core.faults.list.find((candidate) => candidate.id === id);
  if (!fault) return unknownFault(id);
  if (check.checkBoolean('enabled', enabled)) fault.enable();
  else fault.disable();
  return jsonAnswer(200, viewFault(fault));
}

function removeFault(core: Core, _body: Record<string, unknown>, id: number): Answer {
  const fault = core.faults.list.find((candidate) => candidate.id === id);
  if (!fault) return unknownFault(id);
  fault.remove();
  return jsonAnswer(200, viewFault(fault));
}

const unknownFault = (id: number): Answer => errorAnswer(404, 'NOT_FOUND', `There is no fault ${id} any more`);

function addClick(core: Core, { id = randomClickId(), ...rest }: Record<string, unknown>): Answer {
  const click = core.state.addClick(readClick('click', { id, ...rest }));
  core.publish({ click });
  return jsonAnswer(201, viewClick(click));
}

function reset(core: Core): Answer {
  core.reset();
  return jsonAnswer(200, {});
}

function resendEntry(core: Core, { id }: Record<string, unknown>): Answer | Promise<Answer> {
  return core.outbox?.resend(check.checkString('id', id)) ?? NO_OUTBOX;
}

function discardEntry(core: Core, { id }: Record<string, unknown>): Answer | Promise<Answer> {
  return core.outbox?.discard(check.checkString('id', id)) ?? NO_OUTBOX;
}

const NO_OUTBOX = errorAnswer(404, 'NOT_FOUND', 'The sandbox was started without an outbox.');

function parse(body: string): Record<string, unknown> {
  try {
    return check.checkObject('The body', JSON.parse(body || '{}'));
  } catch (error) {
    if (error instanceof SyntaxError) throw new SandboxError('INVALID_OPTION', 'The body is not valid JSON');
    throw error;
  }
}
