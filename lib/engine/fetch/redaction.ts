import type { Report } from './report.ts';

/** Shorter keys are placeholders: removing them would only garble texts. */
const MIN_LENGTH = 8;
const PLACEHOLDER = '[API key]';

/** Removes the API key from a report: servers, and gateways before them, may quote the request in their answer. */
export type Redact = (report: Report) => void;

export function redactor(apiKey: string): Redact {
  if (apiKey.length < MIN_LENGTH) return () => {};
  // The longest form first, so that none is found within another.
  const forms = [...quotedForms(apiKey)].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(forms.map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'gi');
  const hide = (text: string) => text.replace(pattern, PLACEHOLDER);
  const hideIn = (text: string | undefined) => (text === undefined ? undefined : hide(text));
  return (report) => {
    report.message = hide(report.message);
    report.code = hideIn(report.code);
    report.body = hideIn(report.body);
    report.requestId = hideIn(report.requestId);
    if (report.cause) report.cause.message = hide(report.cause.message);
    if (report.headers) {
      const entries = Object.entries(report.headers);
      report.headers = Object.fromEntries(
        entries.map(([name, value]) => [hide(name) === name ? name : 'redacted', hide(value)]),
      );
    }
  };
}

/** How formats write the key (src/api/redaction.rs has the same): as it is, in JSON, in a URL, in HTML. */
function quotedForms(key: string): Set<string> {
  const json = JSON.stringify(key).slice(1, -1);
  const url = encodeURIComponent(key);
  const form = url.replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
  const html = key.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const quotes = [
    ['&quot;', '&#39;'],
    ['&#34;', '&#39;'],
    ['&quot;', '&#x27;'],
    ['&quot;', '&apos;'],
  ] as const;
  return new Set([
    key,
    json,
    json.replaceAll('/', '\\/'),
    url,
    form,
    ...quotes.map(([double, single]) => html.replaceAll('"', double).replaceAll("'", single)),
  ]);
}
