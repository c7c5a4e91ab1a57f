// The public API where there is no Node: nothing here but the language, fetch and the package. The sandbox runs in the
// process that asks for the checks, and is told by HTTP what to do.

import * as refport from 'refport';
import { Refport as Results } from 'refport/result';

const { Refport, captureClickId, getClickIdFromCookie, getClickIdFromRequest } = refport;

/** @param {unknown} seen @param {unknown} expected */
function equal(seen, expected) {
  const [a, b] = [JSON.stringify(seen), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${a} instead of ${b}`);
}

/**
 * @template {Error} E
 * @param {Promise<unknown>} promise
 * @param {new (...args: any[]) => E} errorClass
 * @returns {Promise<E>}
 */
async function rejection(promise, errorClass) {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error) => ({ error }),
  );
  if (!('error' in outcome)) throw new Error(`resolved with ${JSON.stringify(outcome.value)}`);
  if (!(outcome.error instanceof errorClass)) throw outcome.error;
  return outcome.error;
}

/**
 * @param {{ apiKey: string, url: string, clickId: string, control: string }} target
 * @returns {Promise<{ area: string, name: string, error: string | null }[]>}
 */
export async function runChecks({ apiKey, url, clickId, control }) {
  const client = new Refport({ apiKey, baseUrl: url });
  const once = new Refport({ apiKey, baseUrl: url, maxRetries: 0 });
  const lead = { clickId, eventName: 'Sign up', customerExternalId: 'user_1', metadata: { text: 'Grüße \u{1f600}' } };
  const sale = { clickId, customerExternalId: 'user_1', amount: 4900 };
  const sandbox = async (/** @type {string} */ what, /** @type {object} */ options = {}) => {
    const response = await fetch(control, { method: 'POST', body: JSON.stringify({ what, options }) });
    return response.json();
  };

  const areas = {
    'import and require': {
      'the engine is fetch': () => equal(Refport.engine, 'fetch'),
      'a key never shows': () => equal(JSON.stringify(new Refport({ apiKey: 'secret-key' })).includes('secret'), false),
    },
    'lead, sale, embed token': {
      'HTTP/1.1': async () => {
        equal((await client.track.lead(lead))?.click.id, clickId);
        equal((await sandbox('lastLead')).metadata, lead.metadata);
        equal((await client.track.sale({ ...sale, invoiceId: 'in_1' })).sale.commissionAmount, 980);
        const { expires, publicToken } = await client.embedTokens.create({ partner: { email: 'ada@example.com' } });
        equal([expires > new Date(), publicToken.startsWith('pt_')], [true, true]);
      },
      'a click without link gives null': async () =>
        equal(await client.track.lead({ ...lead, clickId: 'click_unlinked' }), null),
      '50 calls at once': async () => {
        const before = (await sandbox('counts')).leads;
        await Promise.all(Array.from({ length: 50 }, () => client.track.lead(lead)));
        equal((await sandbox('counts')).leads - before, 50);
      },
    },
    'proxy, ca': {
      'are refused by name': () => {
        for (const option of [{ proxy: 'http://proxy.test' }, { ca: '-----BEGIN' }]) {
          try {
            new Refport({ apiKey, ...option });
          } catch (error) {
            const { name, message } = /** @type {Error} */ (error);
            const [given] = Object.keys(option);
            equal([name, message.startsWith(`${given} is not possible`)], ['RefportValidationError', true]);
            continue;
          }
          throw new Error(`${JSON.stringify(option)} is taken`);
        }
        return 'refused';
      },
    },
    'refport/result': {
      'data or error': async () => {
        const results = new Results({ apiKey, baseUrl: url });
        equal((await results.track.lead(lead)).data?.click.id, clickId);
        equal((await results.track.lead({ ...lead, clickId: 'unknown' })).error?.code, 'INVALID_CLICK_ID');
      },
    },
    'click id helpers': {
      'from a header and from requests': () => {
        equal(getClickIdFromCookie('a=b; refp_id=%41bc'), 'Abc');
        const headers = { cookie: 'refp_id=abc' };
        equal(getClickIdFromRequest(new Request('http://localhost/', { headers })), 'abc');
        equal([getClickIdFromRequest({ headers }), getClickIdFromRequest(null)], ['abc', null]);
      },
      'the cookie of a landing': () => {
        const click = captureClickId(new Request('https://shop.example/?refp_id=click%2F1'));
        const setCookie = 'refp_id=click%2F1; Max-Age=7776000; Path=/; SameSite=Lax; HttpOnly; Secure';
        equal(click, { clickId: 'click/1', setCookie });
        equal(captureClickId(new Request('https://shop.example/')), null);
      },
    },
    'typed errors': {
      'of the API': async () => {
        await sandbox('fail', { status: 401, message: 'why' });
        const { status, code, message, attempts } = await rejection(once.track.lead(lead), refport.RefportAuthError);
        equal([status, code, message, attempts], [401, 'UNAUTHORIZED', 'why', 1]);
        await sandbox('reply', { body: '<html>', headers: { 'content-type': 'text/html' } });
        equal((await rejection(once.track.lead(lead), refport.RefportError)).code, 'INVALID_RESPONSE');
      },
      'before sending': async () => {
        const { status, message } = await rejection(
          once.track.lead(/** @type {any} */ ({ clickId })),
          refport.RefportValidationError,
        );
        equal([status, message], [422, 'eventName is required: pass a non-empty string']);
      },
      'of the constructor': () => {
        for (const [options, name] of /** @type {const} */ ([
          [{ apiKey: '' }, 'RefportAuthError'],
          [{ apiKey, timeout: -1 }, 'RefportValidationError'],
        ])) {
          try {
            new Refport(options);
          } catch (error) {
            equal(/** @type {Error} */ (error).name, name);
            continue;
          }
          throw new Error(`${JSON.stringify(options)} is taken`);
        }
      },
      'a redirect to elsewhere is not followed': async () => {
        await sandbox('reply', { status: 307, headers: { location: 'https://elsewhere.test/' } });
        const { status, message } = await rejection(once.track.lead(lead), refport.RefportError);
        equal([status, message.includes('outside of')], [307, true]);
      },
    },
    'timeout and abort': {
      timeout: async () => {
        await sandbox('delay', { ms: 3_000 });
        const { ambiguous } = await rejection(once.track.lead(lead, { timeout: 50 }), refport.RefportTimeoutError);
        equal(ambiguous, true);
      },
      abort: async () => {
        await sandbox('delay', { ms: 3_000 });
        const abort = new AbortController();
        setTimeout(() => abort.abort(new Error('enough')), 50);
        const call = client.track.lead(lead, { signal: abort.signal });
        equal((await rejection(call, refport.RefportAbortError)).cause.message, 'enough');
      },
    },
    retries: {
      'a refusal is tried again': async () => {
        await sandbox('fail', { status: 429, retryAfter: 0 });
        equal((await client.track.lead(lead))?.click.id, clickId);
      },
      'what may have been counted is not': async () => {
        const before = (await sandbox('counts')).sales;
        await sandbox('drop', { when: 'after' });
        const { ambiguous, retryable } = await rejection(client.track.sale(sale), refport.RefportConnectionError);
        equal([ambiguous, retryable], [true, false]);
        equal((await sandbox('counts')).sales - before, 1);
      },
      'a sale with an invoice is, and counts once': async () => {
        const before = (await sandbox('counts')).sales;
        await sandbox('drop', { when: 'after' });
        equal((await client.track.sale({ ...sale, invoiceId: 'in_2' })).sale.invoiceId, 'in_2');
        equal((await sandbox('counts')).sales - before, 1);
      },
    },
  };

  const results = [];
  for (const [area, checks] of Object.entries(areas)) {
    for (const [name, check] of Object.entries(checks)) {
      const outcome = await Promise.resolve()
        .then(check)
        .then(
          (mark) => ({ error: null, mark }),
          (thrown) => ({ error: String(thrown?.stack ?? thrown) }),
        );
      results.push({ area, name, ...outcome });
    }
  }
  return results;
}
