'use strict';

const KEPT = 1024 * 1024;
// A client that is still sending cannot read a refusal, so what is too much is read and thrown away, up to a point.
const READ = 16 * KEPT;

/**
 * @param {import('node:http').IncomingMessage} req
 * @returns {Promise<string | undefined>} the body as text; undefined if it is larger than 1 MiB, in which case some of
 *   it may not have been read
 * @throws {Error} if the client went away before the end of the body
 */
async function readBody(req) {
  /** @type {Buffer[]} */
  const chunks = [];
  let size = 0;
  for await (const chunk of req.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > READ) break;
    if (size <= KEPT) chunks.push(chunk);
  }
  return size > KEPT ? undefined : Buffer.concat(chunks).toString('utf8');
}

exports.readBody = readBody;
