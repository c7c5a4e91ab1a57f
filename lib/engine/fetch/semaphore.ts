import type { Deadline } from './deadline.ts';

/** Bounds the requests to one origin that are on their way at a time: Node's `fetch` opens a connection for each. */
export class Semaphore {
  #free: number;
  /** In the order in which they came. */
  readonly #waiting = new Set<() => void>();

  constructor(size: number) {
    this.#free = size;
  }

  /** Takes a permit if one is free. It has to be released. */
  tryAcquire(): boolean {
    if (this.#free === 0) return false;
    this.#free--;
    return true;
  }

  /**
   * Waits for a permit, first come, first served. It has to be released.
   * @throws {Stopped} at the deadline
   */
  async acquire(deadline: Deadline): Promise<void> {
    if (this.tryAcquire()) return;
    let admit = () => {};
    const turn = new Promise<void>((resolve) => {
      admit = resolve;
    });
    this.#waiting.add(admit);
    try {
      await deadline.race(turn);
    } catch (error) {
      // Its turn may have come in the same moment.
      if (!this.#waiting.delete(admit)) this.release();
      throw error;
    }
  }

  release(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free++;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}

/** Held by the clients that share them. */
const semaphores = new Map<string, WeakRef<Semaphore>>();

/** Clients with the same origin and size share a semaphore. */
export function sharedSemaphore(origin: string, size: number): Semaphore {
  const name = `${size} ${origin}`;
  const known = semaphores.get(name)?.deref();
  if (known) return known;
  for (const [other, semaphore] of semaphores) if (semaphore.deref() === undefined) semaphores.delete(other);
  const semaphore = new Semaphore(size);
  semaphores.set(name, new WeakRef(semaphore));
  return semaphore;
}
