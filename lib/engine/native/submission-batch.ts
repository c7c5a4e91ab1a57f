/** Maximum batch size in UTF-16 code units, well below V8's string limit. A longer line is sent on its own. */
const MAX_LENGTH = 1024 * 1024;

/** Fake timers replace process.nextTick, setImmediate and queueMicrotask, but no promise. */
const resolved = /* @__PURE__ */ Promise.resolve();

/** Joins the lines submitted in one event-loop turn into one string. */
export class SubmissionBatch {
  #text = '';
  #count = 0;
  readonly #submit: (text: string, count: number) => void;
  readonly #onFailure: (id: number, cause: unknown) => void;
  readonly #flush = () => this.flush();

  /**
   * @param submit takes the lines of a turn
   * @param onFailure called with the number at the start of each line for which `submit` threw
   */
  constructor(submit: (text: string, count: number) => void, onFailure: (id: number, cause: unknown) => void) {
    this.#submit = submit;
    this.#onFailure = onFailure;
  }

  add(line: string): void {
    if (this.#text.length + line.length > MAX_LENGTH) this.flush();
    this.#text += line;
    // After what is ready to run now: the callers of results that came together make their next calls together.
    if (this.#count++ === 0) resolved.then(this.#flush);
  }

  flush(): void {
    if (this.#count === 0) return;
    const text = this.#text;
    const count = this.#count;
    this.#text = '';
    this.#count = 0;
    try {
      this.#submit(text, count);
    } catch (cause) {
      for (const line of text.trimEnd().split('\n')) this.#onFailure(Number.parseInt(line, 10), cause);
    }
  }
}
