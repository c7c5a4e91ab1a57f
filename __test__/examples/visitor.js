'use strict';

/** A browser, as far as a shop can tell: it keeps cookies and sends them back. */
class Visitor {
  #url;
  /** @type {Map<string, string>} values as they are sent */
  #cookies = new Map();

  /**
   * @param {string} url of the shop
   * @param {string} [clickId] of the partner's link that led here
   */
  constructor(url, clickId) {
    this.#url = url;
    this.#cookies.set('theme', 'dark');
    // As refport-js writes it.
    if (clickId !== undefined) this.#cookies.set('refp_id', encodeURIComponent(clickId));
  }

  /**
   * @param {string} path
   * @param {unknown} body sent as JSON unless it is FormData
   * @returns {Promise<any>} what the shop answered, parsed where it is JSON
   * @throws {Error} for any status but 2xx
   */
  async post(path, body = {}) {
    const isForm = body instanceof FormData;
    return this.#send(path, {
      method: 'POST',
      headers: isForm ? {} : { 'content-type': 'application/json' },
      body: isForm ? body : JSON.stringify(body),
    });
  }

  /** @param {string} path */
  get(path) {
    return this.#send(path, {});
  }

  /** @param {string} name */
  cookie(name) {
    return this.#cookies.get(name);
  }

  /**
   * @param {string} path
   * @param {RequestInit} init
   * @returns {Promise<any>}
   */
  async #send(path, init) {
    const cookie = [...this.#cookies].map((pair) => pair.join('=')).join('; ');
    const response = await fetch(this.#url + path, {
      ...init,
      headers: { ...init.headers, cookie, origin: this.#url, connection: 'close' },
      // Followed below: cookies that come with a redirection count too.
      redirect: 'manual',
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    const next = response.headers.get('location');
    if (response.status === 303 && next) return this.get(new URL(next, this.#url).pathname);
    if (!response.ok) throw new Error(`${init.method ?? 'GET'} ${path} was answered with ${response.status}: ${text}`);
    return response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
  }
}

module.exports = { Visitor };
