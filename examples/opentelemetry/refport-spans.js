import { tracingChannel } from 'node:diagnostics_channel';
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

/** Makes a client span of every call to Refport, and hands the trace on to the API. */
export function traceRefport() {
  const tracer = trace.getTracer('refport');
  /** One message object accompanies a call from its start to its end. */
  const spans = new WeakMap();

  // Its messages are described in docs/observability.md.
  const subscribers = {
    start(/** @type {any} */ message) {
      const { method, path } = message;
      const span = tracer.startSpan(`${method} ${path}`, {
        kind: SpanKind.CLIENT,
        attributes: { 'http.request.method': method, 'url.path': path, 'peer.service': 'refport' },
      });
      spans.set(message, span);
      propagation.inject(trace.setSpan(context.active(), span), message.headers);
    },
    error(/** @type {any} */ message) {
      const { code, name } = message.error;
      // Not the error's own message, in which the API may repeat what it was sent.
      spans.get(message)?.setAttribute('error.type', name).setStatus({ code: SpanStatusCode.ERROR, message: code });
    },
    asyncEnd(/** @type {any} */ message) {
      const span = spans.get(message);
      if (message.status > 0) span?.setAttribute('http.response.status_code', message.status);
      if (message.attempt > 1) span?.setAttribute('http.request.resend_count', message.attempt - 1);
      span?.end();
    },
  };
  // The other two events of a channel may be left out, whatever the types of Node.js say.
  tracingChannel('refport:request').subscribe(/** @type {any} */ (subscribers));
}
