import { randomBytes } from 'node:crypto';
import type { Core } from '../core.ts';
import type { Res } from '../http/listener.ts';
import type { DashboardEvent, DashboardState } from './protocol.ts';
import { viewClick, viewEvent, viewFault, viewLead, viewRequest, viewSale, viewToken } from './views.ts';

/** Events that are kept for pages that reconnect. */
const REMEMBERED = 2000;
/** Bytes that may wait for a slow page. */
const MAX_BACKLOG = 4 * 1024 * 1024;
const HEARTBEAT = 15_000;
const MAX_REQUESTS = 5000;

/** Serves the dashboard's data: the state first, then server-sent events. */
export class Feed {
  /** Distinguishes this process's events from those of an earlier one on the same port. */
  #name = randomBytes(6).toString('hex');
  #last = 0;
  #latest: string[] = [];
  #readers = new Set<Res>();
  #core: Core;
  #heartbeat: NodeJS.Timeout;

  constructor(core: Core) {
    this.#core = core;
    core.events.subscribe((event) => this.#publish(viewEvent(event, core.state.findInvoice)));
    this.#heartbeat = setInterval(() => this.#send(': still here\n\n'), HEARTBEAT).unref();
  }

  close(): void {
    clearInterval(this.#heartbeat);
  }

  state(): DashboardState {
    const { state, log, faults, outbox, url, settings } = this.#core;
    return {
      lastEventId: `${this.#name}.${this.#last}`,
      sandbox: { url, appUrl: settings.appUrl, apiKey: settings.apiKeys[0] ?? '', data: settings.data ?? null },
      clicks: state.clicks.map(viewClick),
      leads: state.leads.map(viewLead),
      sales: state.sales.map(viewSale),
      tokens: state.tokens.map(viewToken),
      requests: log.requests.slice(-MAX_REQUESTS).map((request) => viewRequest(request, state.findInvoice)),
      faults: faults.list.map(viewFault),
      outbox: outbox?.place ?? null,
    };
  }

  /** Sends the events after `lastEventId`, and future ones until the reader disconnects. */
  read(res: Res, lastEventId: string): void {
    res.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    const [name, number] = lastEventId.split('.');
    const missed = name === this.#name ? this.#last - Number(number) : Infinity;
    if (missed >= 0 && missed <= this.#latest.length) {
      res.write(`retry: 500\n\n${this.#latest.slice(this.#latest.length - missed).join('')}`);
    } else {
      res.write('retry: 500\n\nevent: resync\ndata: {}\n\n');
    }
    this.#readers.add(res);
    res.on('close', () => this.#readers.delete(res));
  }

  #publish({ type, data }: DashboardEvent): void {
    this.#last += 1;
    const text = `id: ${this.#name}.${this.#last}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
    this.#latest.push(text);
    if (this.#latest.length >= REMEMBERED * 1.25) this.#latest.splice(0, this.#latest.length - REMEMBERED);
    this.#send(text);
  }

  #send(text: string): void {
    for (const res of this.#readers) {
      // A page that cannot keep up reconnects and starts over from the state.
      if (res.writableLength > MAX_BACKLOG) res.destroy();
      else res.write(text);
    }
  }
}
