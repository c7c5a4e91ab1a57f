'use strict';

const {
  inspect,
  styleText = (/** @type {string} */ _style, /** @type {string} */ text) => text,
} = require('node:util');

const colour = process.stdout.isTTY && !process.env.NO_COLOR;
/**
 * @param {'bold' | 'cyan' | 'green' | 'red' | 'gray'} style
 * @param {string} text
 */
const paint = (style, text) => (colour ? styleText(style, text) : text);

let steps = 0;

/** @param {string} title */
function printStep(title) {
  steps += 1;
  console.log(`\n${paint('bold', `${steps}. ${title}`)}`);
}

/** @param {string} text */
function printNote(text) {
  console.log(`   ${text}`);
}

/**
 * @param {string} method
 * @param {string} path
 * @param {number} status
 * @param {Record<string, string>} [form]
 */
function printVisit(method, path, status, form) {
  const sent = form ? ` ${new URLSearchParams(form)}` : '';
  console.log(`   browser → shop  ${method} ${path}${sent} ${paint('gray', `← ${status}`)}`);
}

/** @param {import('refport/testing').SandboxRequest} request */
function printCall({ method, path, body, response, outcome, call }) {
  const from = call === 'click' ? 'browser → link ' : 'shop → Refport  ';
  console.log(`   ${paint('cyan', from)} ${method} ${path}`);
  if (body) console.log(`      ${paint('gray', 'sent    ')} ${body}`);
  if (!response) return void console.log(`      ${paint('red', outcome)}`);
  const status = paint(response.status < 400 ? 'green' : 'red', String(response.status));
  const retryAfter = response.headers['retry-after'];
  const extra = response.headers.location ?? (retryAfter ? `(retry-after: ${retryAfter})` : '');
  console.log(`      ${paint('gray', 'received')} ${[status, extra, response.body].filter(Boolean).join(' ')}`);
}

/**
 * @param {string} title
 * @param {Promise<unknown>} call
 */
async function printError(title, call) {
  const error = await call.then(
    () => new Error('no error came'),
    (reason) => reason,
  );
  const { name, status, code, message, attempts } = error;
  console.log(
    `   ${title}: ${paint('red', name)} ${inspect({ status, code, message, attempts }, { breakLength: Infinity })}`,
  );
}

module.exports = { printStep, printNote, printVisit, printCall, printError };
