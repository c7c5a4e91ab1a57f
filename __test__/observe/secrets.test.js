'use strict';

// Nothing of the key, of what was sent and of what came back is in what subscribers of refport:request get.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { inspect } = require('node:util');
const { Refport } = require('refport');
const { callEvents } = require('../support/call-events.js');
const { startSandbox } = require('../support/sandbox.js');

const KEY = 'rk_live_n3v3r_5h0wn';
const CLICK = 'click_s3cr3t';
const PARAMS = {
  clickId: CLICK,
  eventName: 'Sign up to the s3cr3t society',
  customerExternalId: 'user_s3cr3t',
  customerEmail: 's3cr3t@example.com',
  customerName: 'S3cr3t Agent',
  customerAvatar: 'https://s3cr3t.example.com/a.png',
  amount: 4_711_008_15,
  invoiceId: 'inv_s3cr3t',
  metadata: { note: 'n0te' },
  tenantId: 'tenant_s3cr3t',
};
/** Partly what the sandbox answers, partly what it is made to answer. */
const SECRETS = [/s3cr3t/i, /n0te/, /471100815/, /5h0wn/, /link_ada/, /pt_/, /sale_/];

/** Answers with which an API or a gateway repeats what it was sent. */
const answers = {
  'a success': undefined,
  'an error of the API': { status: 422, body: { error: { code: 'VALIDATION_ERROR', message: `No: ${CLICK}` } } },
  'a wrong key': { status: 401, body: { error: { code: 'UNAUTHORIZED', message: `No: ${KEY}` } } },
  "a gateway's page": {
    status: 502,
    headers: { 'content-type': 'text/html', 'x-echo': CLICK },
    body: `<p>${CLICK}</p>`,
  },
  'an answer that is not JSON': { body: `${CLICK} ${KEY}` },
  'an answer of another shape': { body: { publicToken: 'pt_1', expires: CLICK } },
  'a redirect': { status: 302, headers: { location: `https://example.com/?${CLICK}` } },
};

describe('subscribers of refport:request', () => {
  for (const [name, answer] of Object.entries(answers)) {
    for (const call of /** @type {const} */ (['lead', 'sale', 'token'])) {
      it(`are shown nothing: ${name} to a ${call}`, async (t) => {
        const { sandbox } = await startSandbox(t, { apiKeys: [KEY], clicks: [CLICK] });
        if (answer) sandbox.reply({ times: Number.POSITIVE_INFINITY, ...answer });
        /** @type {string[]} */
        const texts = [];
        const see = (/** @type {any} */ message) => {
          texts.push(inspect(message, { depth: null, showHidden: true, maxStringLength: null }));
          if (message.error) texts.push(message.error.message, String(message.error.stack));
        };
        const seen = callEvents(t, { start: see, end: see, error: see, asyncStart: see, asyncEnd: see });
        const refport = new Refport({ apiKey: KEY, baseUrl: sandbox.url, maxRetries: 0 });
        const { lead, sale } = refport.track;
        const send = { lead, sale, token: refport.embedTokens.create }[call];
        await send(/** @type {any} */ (PARAMS)).catch(() => {});

        assert.equal(sandbox.requests.length, 1);
        assert.equal(seen.at(-1)?.event, 'asyncEnd');
        const text = texts.join('\n');
        for (const secret of SECRETS) assert.doesNotMatch(text, secret);
      });
    }
  }

  it('are shown nothing of parameters that cannot be sent', async (t) => {
    const { sandbox } = await startSandbox(t);
    const seen = callEvents(t);
    const refport = new Refport({ apiKey: KEY, baseUrl: sandbox.url });
    const params = { ...PARAMS, clickId: { nested: CLICK } };
    await assert.rejects(refport.track.lead(/** @type {any} */ (params)), /clickId/);

    const text = inspect(seen, { depth: null, showHidden: true });
    for (const secret of SECRETS) assert.doesNotMatch(text, secret);
  });
});
