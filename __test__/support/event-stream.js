'use strict';

/**
 * Reads server-sent events as a browser would.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} url
 * @param {Record<string, string>} [headers]
 */
async function openEventStream(t, url, headers = {}) {
  const gone = new AbortController();
  t.after(() => gone.abort());
  const response = await fetch(url, { headers, signal: gone.signal });
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body)
    .pipeThrough(/** @type {TransformStream<Uint8Array, string>} */ (new TextDecoderStream()))
    .getReader();
  let text = '';

  /** @returns {Promise<{ id?: string, event?: string, data: any }>} */
  async function next() {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end === -1) {
        const { value, done } = await reader.read();
        if (done) throw new Error('the stream ended');
        text += value;
        continue;
      }
      const lines = text
        .slice(0, end)
        .split('\n')
        .map((line) => line.split(/: (.*)/s));
      text = text.slice(end + 2);
      const { id, event, data } = Object.fromEntries(lines);
      if (data !== undefined) return { id, event, data: JSON.parse(data) };
    }
  }
  return { response, next, close: () => gone.abort() };
}

exports.openEventStream = openEventStream;
