/**
 * @typedef {'live' | 'reconnecting'} Status
 *
 * @typedef {object} Listener
 * @property {(state: any) => void} onState a new beginning
 * @property {(type: string, data: any) => void} onEvent what happened since
 * @property {(status: Status) => void} onStatus
 */

const TYPES = ['request', 'click', 'lead', 'sale', 'token', 'faults'];
const PAUSE = 1000;

/**
 * Follows the sandbox: its state first, then its events, without a gap. The browser connects anew by itself and the
 * sandbox sends what was missed; if that is too much, or the sandbox is another one by now, it says "resync".
 *
 * @param {Listener} listener
 */
export async function follow(listener) {
  try {
    const response = await fetch('/_sandbox/state');
    const state = await response.json();
    listener.onState(state);
    listen(state.lastEventId, listener);
  } catch {
    again(listener);
  }
}

/**
 * @param {string} after
 * @param {Listener} listener
 */
function listen(after, listener) {
  const source = new EventSource(`/_sandbox/events?after=${encodeURIComponent(after)}`);
  source.addEventListener('open', () => listener.onStatus('live'));
  for (const type of TYPES) {
    source.addEventListener(type, (event) => listener.onEvent(type, JSON.parse(event.data)));
  }
  // A reset sandbox is not an empty one: it knows its first clicks again.
  for (const type of ['resync', 'reset']) {
    source.addEventListener(type, () => {
      source.close();
      follow(listener);
    });
  }
  source.addEventListener('error', () => {
    listener.onStatus('reconnecting');
    if (source.readyState === EventSource.CLOSED) again(listener);
  });
}

/** @param {Listener} listener */
function again(listener) {
  listener.onStatus('reconnecting');
  setTimeout(() => follow(listener), PAUSE);
}

/**
 * Tells the sandbox to do something.
 *
 * @param {string} method
 * @param {string} path
 * @param {unknown} body
 * @returns {Promise<any>}
 * @throws {Error} with the sandbox's own words if it refuses
 */
export async function tell(method, path, body) {
  const response = await fetch(`/_sandbox/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error.message);
  return answer;
}
