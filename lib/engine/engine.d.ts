/**
 * The seam between the facade and what sends its calls. There are two engines: `native`, the addon, and `fetch`, plain
 * JavaScript. `#engine` (package.json) picks one by the conditions of the build; see docs/runtimes.md.
 */
export interface Engine {
  readonly name: 'native' | 'fetch';
  /** Set where it stands in for an addon that did not load: why, and what to do about it. */
  readonly remedy?: string;
  /**
   * Checks the values of a client's settings, whose types have been checked (lib/options.js). Does no I/O.
   *
   * @throws an `Error` whose `code` is the name of the option and whose message says what to pass
   */
  createClient(settings: Settings): EngineClient;
  /** Opens the way to the engine. `settle` gets the texts of batches of results (src/bridge/batch.rs). */
  open(settle: (results: string) => void): EngineBridge;
  /**
   * Opens an outbox, where the engine has any. `settle` gets the texts of batches of replies and events
   * (src/bridge/outbox/mod.rs); it is held weakly while no command waits for its reply. Without a client nothing is delivered.
   */
  openOutbox?(
    settings: OutboxSettings,
    client: EngineClient | undefined,
    settle: (messages: string) => void,
  ): EngineOutbox;
}

/** An outbox's settings with the defaults filled in; units as in outbox.d.ts. */
export interface OutboxSettings {
  path: string;
  /** Whether to create the file. */
  create: boolean;
  concurrency: number;
  maxEntries: number;
  maxAge: number;
}

export interface EngineOutbox {
  /** Gives the `count` commands of a text (src/bridge/outbox/mod.rs). Every one gets a reply. */
  submit(batch: string, count: number): void;
  /** Gives up waiting for the reply to a command, which gets one nevertheless. */
  cancel(token: number): void;
  /** Whether to tell of deliveries. */
  wantDeliveries(wanted: boolean): void;
}

/** A client's settings with the defaults filled in; units as in index.d.ts. */
export interface Settings {
  apiKey: string;
  baseUrl: string;
  /** The runtime's name and version, for the user agent. */
  runtime: string;
  timeout: number;
  maxRetries: number;
  maxConnections: number;
  headers: Record<string, string> | undefined;
  proxy: string | false | undefined;
  ca: string[] | undefined;
}

/** What an engine made of a client's settings; only the engine looks into it. */
export type EngineClient = object;

export interface EngineBridge {
  /** Starts the `count` calls of a batch (src/bridge/batch.rs describes its text). Every one gets a result. */
  submit(client: EngineClient, batch: string, count: number): void;
  /** Ends a call. It still gets a result. */
  cancel(id: number): void;
}
