import { isObject } from '../../../sandbox/check.ts';
import { viewRequest } from '../../../sandbox/dashboard/views.ts';
import type { Sandbox, SandboxClick, SandboxEvent, SandboxRequest, SandboxSale } from '../../../types/testing.js';
import { plainText } from '../plain-text.ts';

type FindSale = (invoiceId: string) => SandboxSale | undefined;

export interface Report {
  started(sandbox: Sandbox): void;
  event(event: SandboxEvent, findSale: FindSale): void;
}

const COLOURS = { red: 31, green: 32, yellow: 33, cyan: 36, grey: 90, bold: 1 };
type Paint = (colour: keyof typeof COLOURS, text: string) => string;

/** Prints text for people, or JSON lines for programs. */
export function createReport(out: NodeJS.WriteStream, json: boolean): Report {
  return json ? createJsonReport(out) : createTextReport(out);
}

function createTextReport(out: NodeJS.WriteStream): Report {
  const hasColours = out.isTTY && !process.env.NO_COLOR;
  const paint: Paint = (colour, text) => (hasColours ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text);
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
    event(event, findSale) {
      if (event.type === 'reset') out.write(`${paint('grey', 'Everything was forgotten.')}\n`);
      if (event.type === 'request' && event.request.outcome !== 'pending') {
        out.write(`${formatRequest(event.request, findSale, paint)}\n`);
      }
    },
  };
}

function createJsonReport(out: NodeJS.WriteStream): Report {
  const write = (value: object) => out.write(`${JSON.stringify(value)}\n`);
  return {
    started({ url, apiKey, ca, clicks }) {
      const known = clicks.map(({ id, partner }) => ({ id, partner }));
      write({ type: 'listening', url, apiKey, dashboard: `${url}/`, ca: ca ?? null, clicks: known });
    },
    event(event, findSale) {
      if (event.type === 'reset') write({ type: 'reset' });
      if (event.type !== 'request' || event.request.outcome === 'pending') return;
      write({ type: 'request', ...viewRequest(event.request, findSale) });
    },
  };
}

function formatRequest(request: SandboxRequest, findSale: FindSale, paint: Paint): string {
  const view = viewRequest(request, findSale);
  const { method, path, status, outcome, duration, faults, error, warning, repeat } = view;
  const colour = status === null || status >= 500 ? 'red' : status >= 400 ? 'yellow' : 'green';
  const parts = [
    paint('grey', request.at.toTimeString().slice(0, 8)),
    paint(colour, status === null ? outcome : String(status)),
    plain(`${method} ${path}`),
    plain(summarize(request)),
    error && paint(colour, plain(`${error.code}: ${error.message}`)),
    warning && paint('yellow', plain(`! ${warning}`)),
    repeat &&
      paint('yellow', `counted already by request ${repeat.requestId}${repeat.differs ? '; amount differs' : ''}`),
    faults.length > 0 && paint('cyan', `[${faults.join(', ')}]`),
    paint('grey', `${Math.round(duration ?? 0)} ms`),
  ];
  return parts.filter(Boolean).join('  ');
}

const plain = (text: string): string => plainText(text).slice(0, 300).trim();

function summarize({ call, json, response }: SandboxRequest): string {
  const { customerExternalId = '', eventName = '', amount = '', currency = '' } = isObject(json) ? json : {};
  if (call === 'click') return response?.headers.location ?? '';
  if (call === 'lead') return `${customerExternalId} ${eventName}`;
  return call === 'sale' ? `${customerExternalId} ${amount} ${currency}` : '';
}

const nameClick = ({ id, link }: SandboxClick): string => (link ? id : `${id} (without link)`);
