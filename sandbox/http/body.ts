import type { Req } from './listener.ts';

const MAX_KEPT = 1024 * 1024;
/** A client that is still sending cannot read a refusal, so a larger body is read and discarded, up to this. */
const MAX_READ = 16 * MAX_KEPT;

/**
 * Returns the body as text, or `undefined` if it exceeds 1 MiB; the rest of it may then be unread.
 *
 * @throws {Error} if the client disconnects before the end of the body
 */
export async function readBody(req: Req): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > MAX_READ) break;
    if (size <= MAX_KEPT) chunks.push(chunk);
  }
  return size > MAX_KEPT ? undefined : Buffer.concat(chunks).toString('utf8');
}
