import type { SandboxEvent } from '../../types/testing.js';

/** The listeners of {@link Sandbox.subscribe}. */
export class Events {
  #listeners = new Set<(event: SandboxEvent) => void>();

  /** Returns a function that ends the subscription. */
  subscribe(listener: (event: SandboxEvent) => void): () => void {
    // Wrapped so that one function subscribed twice is two subscriptions.
    const entry = (event: SandboxEvent) => listener(event);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  emit(event: SandboxEvent): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        // Surfaces as an uncaught exception and leaves the current request alone.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
