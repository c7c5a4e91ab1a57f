import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { SandboxRequest } from '../../types/testing.js';
import type { Effect } from '../api/state.ts';
import { isObject } from '../check.ts';
import { SandboxError } from '../errors.ts';
import { redact } from './redaction.ts';

/** One line of the file. */
export type Entry = Effect & { request?: SandboxRequest };

/** The first line, so that no other file is taken for a data file and truncated. */
const HEADER = '{"refport-sandbox":1}\n';
const DATES = ['at', 'expires'];

/** An append-only file with a line of JSON per change. */
export class Journal {
  #handle: fs.FileHandle;
  #queued: string[] = [];
  #mustEmpty = false;
  #flushed: Promise<void> = Promise.resolve();
  #scheduled = false;

  constructor(handle: fs.FileHandle) {
    this.#handle = handle;
  }

  /**
   * Opens or creates the file and removes a last line that a crash left incomplete.
   *
   * @throws {SandboxError} if the file is something else, or damaged
   */
  static async open(file: string): Promise<{ journal: Journal; entries: Entry[] }> {
    const handle = await fs.open(file, 'a+');
    try {
      const text = await handle.readFile('utf8');
      const complete = text.slice(0, text.lastIndexOf('\n') + 1);
      if (complete === '' && HEADER.startsWith(text)) {
        await handle.truncate(0);
        await handle.appendFile(HEADER);
        await handle.sync();
        await syncFolder(path.dirname(path.resolve(file)));
        return { journal: new Journal(handle), entries: [] };
      }
      const entries = parse(complete, file);
      if (complete.length < text.length) await handle.truncate(Buffer.byteLength(complete));
      return { journal: new Journal(handle), entries };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Resolves once the entry, and all before it, are on the disk. */
  append({ request, ...effect }: Entry): Promise<void> {
    const stored = request && { ...request, headers: redact(request.headers), json: undefined };
    this.#queued.push(`${JSON.stringify({ ...effect, ...(stored && { request: stored }) })}\n`);
    return this.#schedule();
  }

  /** Empties the file. */
  clear(): Promise<void> {
    this.#queued.length = 0;
    this.#mustEmpty = true;
    return this.#schedule();
  }

  async close(): Promise<void> {
    await this.#flushed.catch(() => {});
    await this.#handle.close();
  }

  /** Entries that are appended while the disk is busy are written together afterwards. */
  #schedule(): Promise<void> {
    if (!this.#scheduled) {
      this.#scheduled = true;
      this.#flushed = this.#flushed.then(() => this.#flush());
      // A failed clear() has no one to report to; the next append fails too.
      this.#flushed.catch(() => {});
    }
    return this.#flushed;
  }

  async #flush(): Promise<void> {
    // A request and its effect are appended within one turn of the event loop and written at once.
    await new Promise((resolve) => setImmediate(resolve));
    const lines = this.#queued.splice(0).join('');
    const mustEmpty = this.#mustEmpty;
    this.#scheduled = false;
    this.#mustEmpty = false;
    if (mustEmpty) await this.#handle.truncate(HEADER.length);
    await this.#handle.appendFile(lines);
    await this.#handle.datasync();
  }
}

function parse(text: string, file: string): Entry[] {
  if (!text.startsWith(HEADER)) {
    throw new SandboxError('INVALID_OPTION', `data: ${file} exists and is no data file of the sandbox`);
  }
  const lines = text.slice(HEADER.length).split('\n').slice(0, -1);
  return lines.map((line, index) => {
    try {
      return revive(JSON.parse(line));
    } catch {
      throw new SandboxError('INVALID_OPTION', `data: line ${index + 2} of ${file} is damaged`);
    }
  });
}

/** Turns the dates of a parsed line back into `Date` objects. */
function revive(entry: Entry): Entry {
  for (const item of Object.values(entry)) {
    if (!isObject(item)) throw new TypeError('not an entry');
    for (const field of DATES) if (field in item) item[field] = new Date(String(item[field]));
  }
  return entry;
}

/** Makes a new file's directory entry durable. Windows can't and needn't. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await fs.open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
