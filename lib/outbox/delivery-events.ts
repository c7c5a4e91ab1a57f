import type { EventEmitter } from 'node:events';
import { builtin } from '#platform';
import type { OutboxEntry, OutboxEvents, Recorded } from '../../types/outbox.js';
import type { CallName } from './conversion.ts';

/** Captured, since fake timers replace it. */
const defer = queueMicrotask;

const { channel } = builtin('node:diagnostics_channel');

// Like the channels of calls, these never carry the API key, parameters or responses.
const recordedChannel = channel('refport:outbox:recorded');
const deliveredChannel = channel('refport:outbox:delivered');
const parkedChannel = channel('refport:outbox:parked');

/**
 * The events of an outbox. Listeners run in a microtask of their own: what one throws becomes an uncaught exception and
 * cannot disturb delivery.
 */
export class DeliveryEvents {
  readonly #emitter: EventEmitter;

  constructor(emitter: EventEmitter) {
    this.#emitter = emitter;
  }

  emit<Name extends keyof OutboxEvents>(name: Name, ...args: OutboxEvents[Name]): void {
    defer(() => {
      publish(name, args);
      this.#emitter.emit(name, ...args);
    });
  }
}

function publish<Name extends keyof OutboxEvents>(name: Name, args: OutboxEvents[Name]): void {
  if (name === 'delivered' && deliveredChannel.hasSubscribers) {
    const [entry] = args as OutboxEvents['delivered'];
    deliveredChannel.publish(summary(entry));
  } else if (name === 'parked' && parkedChannel.hasSubscribers) {
    const [entry, error] = args as OutboxEvents['parked'];
    parkedChannel.publish({ ...summary(entry), reason: entry.reason, code: error?.code, status: error?.status });
  }
}

const summary = ({ id, call, attempts, recordedAt }: OutboxEntry) => ({
  id,
  call,
  attempts,
  recordedAt,
  waited: Math.max(0, Date.now() - recordedAt.getTime()),
});

export function publishRecorded(call: CallName, { id, duplicate }: Recorded): void {
  if (recordedChannel.hasSubscribers) recordedChannel.publish({ id, call, duplicate });
}

/** Whether anybody subscribes to deliveries. */
export const isDeliveryObserved = (): boolean => deliveredChannel.hasSubscribers;
