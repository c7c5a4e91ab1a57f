'use strict';

/**
 * Headers as they may be shown and kept: somebody may well have sent a real key here by mistake.
 *
 * @param {import('../../types/testing.js').SandboxRequest['headers']} headers
 * @returns {import('../../types/testing.js').SandboxRequest['headers']}
 */
function redact(headers) {
  const hidden = Object.keys(headers).filter((name) => /^(?:proxy-)?authorization$|^cookie$/.test(name));
  return { ...headers, ...Object.fromEntries(hidden.map((name) => [name, '[redacted]'])) };
}

exports.redact = redact;
