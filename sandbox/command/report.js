'use strict';

const { viewRequest } = require('../records/serialize.js');

/**
 * @typedef {import('../../types/testing.js').SandboxRequest} SandboxRequest
 * @typedef {import('../../types/testing.js').SandboxEvent} SandboxEvent
 * @typedef {import('../../types/testing.js').Sandbox} Sandbox
 *
 * @typedef {object} Report
 * @property {(sandbox: Sandbox) => void} started
 * @property {(event: SandboxEvent) => void} event
 */

const COLOURS = { red: 31, green: 32, yellow: 33, cyan: 36, grey: 90, bold: 1 };

/**
 * What the command prints: text for people, or JSON lines for programs.
 *
 * @param {NodeJS.WriteStream} out
 * @param {boolean} json
 * @returns {Report}
 */
function createReport(out, json) {
  if (json) return createJsonReport(out);
  const colourful = out.isTTY && !process.env.NO_COLOR;
  /**
   * @param {keyof typeof COLOURS} colour
   * @param {string} text
   */
  const paint = (colour, text) => (colourful ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text);
  return {
    started(sandbox) {
      const trust = sandbox.ca ? `\nPass this certificate authority as the client's ca option:\n\n${sandbox.ca}` : '';
      out.write(
        `${paint('bold', 'Refport sandbox')}, to be used with\n\n` +
          `  REFPORT_BASE_URL=${sandbox.url}\n  REFPORT_API_KEY=${sandbox.apiKey}\n\n` +
          `Dashboard:     ${paint('cyan', `${sandbox.url}/`)}\n` +
          `Partner link:  ${paint('cyan', `${sandbox.url}/go/ada`)}\n` +
          `Known clicks:  ${sandbox.clicks.slice(0, 5).map(nameClick).join(', ')}\n${trust}\n`,
      );
    },
    event(event) {
      if (event.type === 'reset') out.write(`${paint('grey', 'Everything was forgotten.')}\n`);
      if (event.type === 'request' && event.request.outcome !== 'pending') out.write(`${line(event.request, paint)}\n`);
    },
  };
}

/**
 * @param {NodeJS.WriteStream} out
 * @returns {Report}
 */
function createJsonReport(out) {
  const write = (/** @type {object} */ value) => out.write(`${JSON.stringify(value)}\n`);
  return {
    started({ url, apiKey, ca, clicks }) {
      const known = clicks.map(({ id, partner }) => ({ id, partner }));
      write({ type: 'listening', url, apiKey, dashboard: `${url}/`, ca: ca ?? null, clicks: known });
    },
    event(event) {
      if (event.type === 'reset') write({ type: 'reset' });
      if (event.type !== 'request' || event.request.outcome === 'pending') return;
      write({ type: 'request', ...viewRequest(event.request) });
    },
  };
}

/**
 * @param {SandboxRequest} request
 * @param {(colour: keyof typeof COLOURS, text: string) => string} paint
 */
function line(request, paint) {
  const { at, method, path, status, outcome, duration, faults, error, warning } = viewRequest(request);
  const colour = status === null || status >= 500 ? 'red' : status >= 400 ? 'yellow' : 'green';
  const parts = [
    paint('grey', at.toTimeString().slice(0, 8)),
    paint(colour, status === null ? outcome : String(status)),
    plain(`${method} ${path}`),
    plain(summarize(request)),
    error && paint(colour, plain(`${error.code}: ${error.message}`)),
    warning && paint('yellow', plain(`! ${warning}`)),
    faults.length > 0 && paint('cyan', `[${faults.join(', ')}]`),
    paint('grey', `${Math.round(duration ?? 0)} ms`),
  ];
  return parts.filter(Boolean).join('  ');
}

/**
 * What came over the network must not steer the terminal, nor start lines of its own.
 *
 * @param {string} text
 */
const plain = (text) =>
  text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd')
    .slice(0, 300)
    .trim();

/**
 * What the request was about, in a few words.
 *
 * @param {SandboxRequest} request
 */
function summarize({ call, json, response }) {
  const params = /** @type {Record<string, unknown> | undefined} */ (json);
  if (call === 'click') return response?.headers.location ?? '';
  if (call === 'lead') return `${params?.customerExternalId ?? ''} ${params?.eventName ?? ''}`;
  if (call === 'sale') return `${params?.customerExternalId ?? ''} ${params?.amount ?? ''} ${params?.currency ?? ''}`;
  return '';
}

/** @param {import('../../types/testing.js').SandboxClick} click */
const nameClick = ({ id, link }) => (link ? id : `${id} (without link)`);

exports.createReport = createReport;
