import { clearTimeout, setTimeout } from '#platform';

/** Rejects what waits for an attempt that was stopped: its time is up, or its call was cancelled. */
export class Stopped {
  readonly reason: 'timeout' | 'cancelled';

  constructor(reason: 'timeout' | 'cancelled') {
    this.reason = reason;
  }
}

/** The end of an attempt that does not end by itself. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout>;
  #stopped: Stopped | undefined;
  #reject: ((stopped: Stopped) => void) | undefined;

  /** @param timeout in ms */
  constructor(timeout: number) {
    this.#timer = setTimeout(() => this.#stop('timeout'), timeout);
  }

  /** For `fetch`, which ends its own work by it. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  cancel(): void {
    this.#stop('cancelled');
  }

  /**
   * Settles as `promise` does, or rejects when the attempt is stopped: not every runtime's `fetch` obeys its signal. One
   * promise at a time.
   * @throws {Stopped}
   */
  race<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      promise.then(resolve, reject);
      if (this.#stopped) reject(this.#stopped);
    });
  }

  /** Frees the timer. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #stop(reason: Stopped['reason']): void {
    this.#stopped ??= new Stopped(reason);
    this.#reject?.(this.#stopped);
    this.#controller.abort();
  }
}
