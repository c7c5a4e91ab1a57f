'use strict';

const assert = require('node:assert/strict');
const { CUSTOMER } = require('./customer.js');
const { startCollector } = require('./otlp-collector.js');
const { install } = require('./packages.js');
const { serve } = require('./processes.js');
const { checkReports, goShopping, reportTo, withSandbox } = require('./shop.js');

/** Kinds of span. */
const [SERVER, CLIENT] = [2, 3];

/**
 * Both calls show as client spans below the request that made them, and the API was told of the trace.
 *
 * @type {import('./examples.js').Check}
 */
async function checkOpentelemetry(packages) {
  const copy = await install('opentelemetry', packages);
  const collector = await startCollector();
  try {
    await withSandbox(async (sandbox) => {
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SERVICE_NAME: 'shop' };
      const app = await serve(copy, { ...reportTo(sandbox), ...env });
      const visited = await goShopping(app);
      await app.explain(Promise.all([sandbox.waitForLead(), sandbox.waitForSale()]));
      await app.stop();
      checkReports(sandbox, visited);
      checkSpans(collector, sandbox);
    });
  } finally {
    collector.close();
  }
  return 'one lead, one sale, each with its span and traceparent';
}

/**
 * @param {Awaited<ReturnType<typeof startCollector>>} collector
 * @param {import('refport/testing').Sandbox} sandbox
 */
function checkSpans(collector, sandbox) {
  const spans = collector.spans();
  const calls = spans.filter(({ kind, name }) => kind === CLIENT && name.startsWith('POST /api/'));
  assert.equal(calls.length, sandbox.requests.length);
  for (const { path, headers } of sandbox.requests) {
    const span = calls.find(({ name }) => name === `POST ${path}`);
    assert.ok(span, `there is no span of ${path}`);
    assert.equal(headers.traceparent, `00-${span.traceId}-${span.spanId}-01`);
    const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
    assert.equal(parent?.kind, SERVER);
    assert.equal(parent?.traceId, span.traceId);
    const attributes = Object.fromEntries(span.attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
    assert.deepEqual(attributes, {
      'http.request.method': 'POST',
      'url.path': path,
      'peer.service': 'refport',
      'http.response.status_code': 200,
    });
  }
  for (const secret of [sandbox.apiKey, CUSTOMER.email, CUSTOMER.name]) {
    assert.ok(!collector.text().includes(secret), `${secret} is in a span`);
  }
}

module.exports = { checkOpentelemetry };
