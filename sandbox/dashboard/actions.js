'use strict';

const { randomBytes } = require('node:crypto');
const { errorAnswer, jsonAnswer } = require('../http/answer.js');
const check = require('../check.js');
const { SandboxError } = require('../errors.js');
const { readClick } = require('../options.js');
const { viewClick, viewFault } = require('../records/serialize.js');

/**
 * @typedef {import('../http/answer.js').Answer} Answer
 * @typedef {import('../core.js').Core} Core
 */

const KINDS = /** @type {const} */ (['fail', 'drop', 'delay', 'reply']);

/**
 * What the dashboard can do to the sandbox: the same as a test can, with the same checks.
 *
 * @type {Array<[pattern: RegExp, action: (core: Core, body: Record<string, unknown>, id: number) => Answer]>}
 */
const ACTIONS = [
  [/^POST faults$/, addFault],
  [/^PATCH faults\/(\d+)$/, switchFault],
  [/^DELETE faults\/(\d+)$/, removeFault],
  [/^POST clicks$/, addClick],
  [/^POST reset$/, reset],
];

/**
 * @param {Core} core
 * @param {string} order method and path
 * @param {string} body
 * @returns {Answer}
 */
function control(core, order, body) {
  for (const [pattern, action] of ACTIONS) {
    const match = pattern.exec(order);
    if (!match) continue;
    try {
      return action(core, parse(body), Number(match[1]));
    } catch (error) {
      if (error instanceof SandboxError) return errorAnswer(422, error.code, error.message);
      throw error;
    }
  }
  return errorAnswer(404, 'NOT_FOUND', `The sandbox has no ${order}`);
}

/** @type {(typeof ACTIONS)[number][1]} */
function addFault(core, { kind, ...options }) {
  return jsonAnswer(201, viewFault(core.faults.add(check.checkChoice('kind', kind, KINDS), options)));
}

/** @type {(typeof ACTIONS)[number][1]} */
function switchFault(core, { enabled }, id) {
  const fault = core.faults.list.find((candidate) => candidate.id === id);
  if (!fault) return unknownFault(id);
  if (check.checkBoolean('enabled', enabled)) fault.enable();
  else fault.disable();
  return jsonAnswer(200, viewFault(fault));
}

/** @type {(typeof ACTIONS)[number][1]} */
function removeFault(core, _body, id) {
  const fault = core.faults.list.find((candidate) => candidate.id === id);
  if (!fault) return unknownFault(id);
  fault.remove();
  return jsonAnswer(200, viewFault(fault));
}

/** @type {(typeof ACTIONS)[number][1]} */
function addClick(core, { id = `click_${randomBytes(9).toString('base64url')}`, ...rest }) {
  const click = core.state.addClick(readClick('click', { id, ...rest }));
  core.keep({ click });
  return jsonAnswer(201, viewClick(click));
}

/** @type {(typeof ACTIONS)[number][1]} */
function reset(core) {
  core.reset();
  return jsonAnswer(200, {});
}

/** @param {number} id */
const unknownFault = (id) => errorAnswer(404, 'NOT_FOUND', `There is no fault ${id} any more`);

/**
 * @param {string} body
 * @returns {Record<string, unknown>}
 */
function parse(body) {
  try {
    return check.checkObject('The body', JSON.parse(body || '{}'));
  } catch (error) {
    if (error instanceof SyntaxError) throw new SandboxError('INVALID_OPTION', 'The body is not valid JSON');
    throw error;
  }
}

exports.control = control;
