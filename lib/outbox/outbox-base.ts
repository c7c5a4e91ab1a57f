import { builtin } from '#platform';
import type { AbortSignalLike } from '../../index.js';
import type {
  ConversionOutbox,
  OutboxStats,
  OutboxTrack,
  ParkedEntry,
  Recorded,
  RecordOptions,
} from '../../types/outbox.js';
import { abortError } from '../client/abort-signal.ts';
import { closeTimeout, signalOf } from '../client/client-options.ts';
import { makeDisposable } from '../client/disposable.ts';
import { asRefportError, closedError, RefportValidationError } from '../client/errors.ts';
import type { OptionNames } from '../client/option-names.ts';
import { nonEmptyString } from '../client/option-values.ts';
import { type CallName, type Conversion, checkConversion } from './conversion.ts';
import { DeliveryEvents, publishRecorded } from './delivery-events.ts';
import type { EntryState, ListedEntry } from './listed-entry.ts';
import { entryId, type Given, recordOptions } from './outbox-options.ts';

const { EventEmitter } = builtin('node:events');

/** Where an outbox keeps its entries, and what delivers them. */
export interface OutboxStore {
  /** Resolves when the conversion is stored. `given` are the options of the recording, of which a store may have its own. */
  record(conversion: Conversion, given: Given): Promise<Recorded>;
  parked(): AsyncIterable<ParkedEntry>;
  resend(id: string): Promise<boolean>;
  discard(id: string): Promise<boolean>;
  stats(): Promise<OutboxStats>;
  /** Ends a pause: whether there was one. */
  resume(): Promise<boolean>;
  /** Takes over the entries of other keys: how many. */
  adopt(): Promise<number>;
  /** Removes what is stored about a customer: how many entries. */
  erase(customer: string): Promise<number>;
  /** Resolves when nothing is due or sending, or rejects when the signal fires, with any error. */
  drained(signal: AbortSignalLike | undefined): Promise<void>;
  /** Lets what is on the wire finish within `timeout` milliseconds, and lets go of the store. */
  close(timeout: number): Promise<void>;
  /** Writes a consistent copy; files only. */
  backup?(path: string): Promise<void>;
}

/** Operations for the command line and the sandbox's dashboard, some of them beyond those of an outbox. */
export interface OperatorStore extends Pick<OutboxStore, 'stats' | 'resend' | 'discard' | 'resume' | 'erase'> {
  /** The entries of a state, or all of them. */
  entries(state?: EntryState): AsyncIterable<ListedEntry>;
  find(id: string): Promise<ListedEntry | undefined>;
  close(): Promise<void>;
  record(conversion: Conversion, given: Given): Promise<Recorded>;
  backup?(path: string): Promise<void>;
}

interface BaseSettings {
  /** Whether this process may record. */
  readonly records: boolean;
  /** Default of the option of one recording. */
  readonly retryAmbiguous: boolean;
  readonly recordNames: OptionNames;
}

/** Everything that the outboxes have in common: all but the store. */
export class OutboxBase<Store extends OutboxStore = OutboxStore> extends EventEmitter implements ConversionOutbox {
  readonly track: OutboxTrack;
  declare readonly [Symbol.asyncDispose]: () => Promise<void>;
  readonly #store: Store;
  readonly #settings: BaseSettings;
  #closing: Promise<void> | undefined;

  constructor(settings: BaseSettings, open: (events: DeliveryEvents) => Store) {
    super();
    this.#settings = settings;
    this.#store = open(new DeliveryEvents(this));
    // Functions of its own, so that they can be detached, as those of a client.
    this.track = {
      lead: (params, options) => this.#record('lead', params, options),
      sale: (params, options) => this.#record('sale', params, options),
    };
  }

  async *parked(): AsyncIterableIterator<ParkedEntry> {
    yield* this.store.parked();
  }

  async resend(id: string): Promise<boolean> {
    return this.store.resend(entryId(id));
  }

  async discard(id: string): Promise<boolean> {
    return this.store.discard(entryId(id));
  }

  async stats(): Promise<OutboxStats> {
    return this.store.stats();
  }

  async resume(): Promise<boolean> {
    return this.store.resume();
  }

  async adopt(): Promise<number> {
    return this.store.adopt();
  }

  async erase(customerExternalId: string): Promise<number> {
    return this.store.erase(nonEmptyString('customerExternalId', customerExternalId));
  }

  async drained(options: { signal?: unknown } = {}): Promise<void> {
    const signal = signalOf(options);
    if (signal?.aborted) throw abortError(signal);
    try {
      await this.store.drained(signal);
    } catch (error) {
      throw signal?.aborted ? abortError(signal) : error;
    }
  }

  close(options?: { timeout?: unknown }): Promise<void> {
    try {
      const timeout = closeTimeout(options);
      this.#closing ??= this.#store.close(timeout);
      return this.#closing;
    } catch (error) {
      // A timeout that cannot be used leaves the outbox open.
      return Promise.reject(error);
    }
  }

  async #record(call: CallName, params: unknown, options: RecordOptions | undefined): Promise<Recorded> {
    const store = this.store;
    if (!this.#settings.records) {
      throw new RefportValidationError("An outbox with the role 'worker' records nothing: give it the role 'both'");
    }
    const [conversion, given] = this.#check(call, params, options);
    const recorded = await store.record(conversion, given);
    publishRecorded(call, recorded);
    return recorded;
  }

  #check(call: CallName, given: unknown, options: RecordOptions | undefined): [Conversion, Given] {
    try {
      const { id, deliverAt, retryAmbiguous, given: own } = recordOptions(options, this.#settings.recordNames);
      const checked = checkConversion(call, given);
      const conversion = {
        ...checked,
        id: id ?? checked.id,
        call,
        retryAmbiguous: retryAmbiguous ?? this.#settings.retryAmbiguous,
        deliverAt,
      };
      return [conversion, own];
    } catch (error) {
      throw asRefportError(error, 'options cannot be read');
    }
  }

  /** The store, as long as it is open. */
  protected get store(): Store {
    if (this.#closing) throw closedError('outbox');
    return this.#store;
  }
}

makeDisposable(OutboxBase);
