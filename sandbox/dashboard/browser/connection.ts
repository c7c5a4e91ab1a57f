import type { DashboardEvent, DashboardState } from '../protocol.ts';

export interface Listener {
  onState(state: DashboardState): void;
  onEvent(event: DashboardEvent): void;
  onStatus(status: 'live' | 'reconnecting'): void;
}

const TYPES = ['request', 'click', 'lead', 'sale', 'token', 'faults'] as const;
const RETRY_DELAY = 1000;

/**
 * Follows the sandbox: its state first, then its events, without a gap. The browser reconnects by itself and the
 * sandbox sends the missed events. If there are too many, or the sandbox is another one, it sends "resync".
 */
export async function follow(listener: Listener): Promise<void> {
  try {
    const response = await fetch('/_sandbox/state');
    const state: DashboardState = await response.json();
    listener.onState(state);
    listen(state.lastEventId, listener);
  } catch {
    retry(listener);
  }
}

function listen(after: string, listener: Listener): void {
  const source = new EventSource(`/_sandbox/events?after=${encodeURIComponent(after)}`);
  source.addEventListener('open', () => listener.onStatus('live'));
  for (const type of TYPES) {
    source.addEventListener(type, (event) => listener.onEvent({ type, data: JSON.parse(event.data) }));
  }
  // A reset sandbox is not empty: it has its first clicks.
  for (const type of ['resync', 'reset']) {
    source.addEventListener(type, () => {
      source.close();
      follow(listener);
    });
  }
  source.addEventListener('error', () => {
    listener.onStatus('reconnecting');
    if (source.readyState === EventSource.CLOSED) retry(listener);
  });
}

function retry(listener: Listener): void {
  listener.onStatus('reconnecting');
  setTimeout(() => follow(listener), RETRY_DELAY);
}

/**
 * Sends a command to the sandbox.
 *
 * @throws {Error} with the sandbox's message if it refuses
 */
export async function command(method: string, path: string, body: unknown): Promise<void> {
  const response = await fetch(`/_sandbox/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error.message);
}
