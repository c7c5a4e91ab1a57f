import { Operation, PATHS } from '../../client/operations.ts';
import type { Finding } from './finding.ts';
import { type Answer, codeOf, PROXY_CREDENTIALS, proxyAuthorization, type Socket, send } from './network.ts';

const KEY_UNKNOWN: Finding = { name: 'key accepted', ok: null, detail: "can't be told" };

/**
 * Checks whether the server is the API and whether it accepts the key. Requests an embed token for nobody, which
 * creates nothing: with a valid key, the API reports invalid parameters.
 *
 * @param proxy - forwards the request; not one that was tunnelled through
 */
export async function checkApi(
  socket: Socket,
  baseUrl: URL,
  proxy: URL | undefined,
  apiKey: string,
  timeout: number,
): Promise<Finding[]> {
  const endpoint = new URL(`${baseUrl.href.replace(/\/+$/, '')}${PATHS[Operation.embedToken]}`);
  const headers = {
    host: baseUrl.host,
    authorization: `Bearer ${apiKey}`,
    'content-type': 'application/json',
    connection: 'close',
    ...(proxy && proxyAuthorization(proxy)),
  };
  const path = proxy ? endpoint.href : endpoint.pathname;
  try {
    const answer = await send(socket, { method: 'POST', path, headers }, '{}', timeout);
    return [examineAnswer(answer), examineKey(answer)];
  } catch (error) {
    const remedy =
      'The API did not answer, or something in between closed the connection. If this persists, ask its operator.';
    return [{ name: 'API', ok: false, detail: codeOf(error), remedy }, KEY_UNKNOWN];
  }
}

function examineAnswer({ status, headers, text }: Answer): Finding {
  const code = errorCode(text);
  const detail = `status ${status}${code === undefined ? '' : `, ${code}`}`;
  const failed = (remedy: string, more = ''): Finding => ({ name: 'API', ok: false, detail: detail + more, remedy });
  if (status >= 300 && status < 400) {
    const remedy = 'Set REFPORT_BASE_URL to the target: redirects are not followed, they would lose the request.';
    return failed(remedy, `, a redirect to ${headers.location}`);
  }
  if (status === 407) return failed(PROXY_CREDENTIALS);
  if (status >= 500) return failed('The API has a problem: try again later.');
  if (code === undefined) return failed('This is not an answer of the Refport API: check the base URL.');
  return { name: 'API', ok: true, detail };
}

function examineKey({ status, text }: Answer): Finding {
  const name = 'key accepted';
  const code = errorCode(text);
  if (status === 401 && code !== undefined) {
    const remedy = 'Use a key of this workspace, for this base URL; it may have been revoked.';
    return { name, ok: false, detail: 'no', remedy };
  }
  if ((status === 422 || status === 400) && code === 'VALIDATION_ERROR') return { name, ok: true, detail: 'yes' };
  return KEY_UNKNOWN;
}

/** The code that every error of the API has. */
function errorCode(text: string): string | undefined {
  try {
    const { code } = JSON.parse(text).error;
    return typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : undefined;
  } catch {
    return undefined;
  }
}
