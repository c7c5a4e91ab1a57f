import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OutboxStats } from '../../../types/outbox.js';
import { RefportError } from '../../client/errors.ts';
import type { EntryState, ListedEntry } from '../../outbox/listed-entry.ts';
import type { OperatorStore } from '../../outbox/outbox-base.ts';
import { storeError } from '../../outbox/queue/store-errors.ts';
import { type Request, readArguments, USAGE, UsageError } from './arguments.ts';
import { importFile } from './import-file.ts';
import { openAdopter, openStore } from './open.ts';
import { entryDetails, entryTable, exported, ProgressBar, statusText } from './print.ts';

/** Between two polls of `--watch`, in milliseconds. */
const WATCH_INTERVAL = 500;

/** Nobody reads the output any more, as after `| head`. */
class OutputClosed extends Error {}

/** `npx refport outbox`: what waits, since when and why, and what to do about it. */
export async function runOutbox(args: string[], process: NodeJS.Process): Promise<void> {
  const output = new Output(process);
  try {
    const request = readArguments(args);
    if (request === undefined) return void (await output.write(USAGE));
    await run(request, process, output);
  } catch (error) {
    if (error instanceof OutputClosed) return;
    const { message } = error instanceof UsageError || error instanceof RefportError ? error : readable(error);
    process.stderr.write(error instanceof UsageError ? `${message} ${USAGE}` : `${message}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

/** An error of the store as one line. */
const readable = (error: unknown): Error => (error instanceof Failed ? error : storeError(error));

/** The command could not do what it was asked. */
class Failed extends Error {}

/** Standard output, at the pace of who reads it. */
class Output {
  readonly #process: NodeJS.Process;
  #isClosed = false;

  constructor(process: NodeJS.Process) {
    this.#process = process;
    process.stdout.on('error', () => {
      this.#isClosed = true;
    });
  }

  async write(text: string): Promise<void> {
    if (this.#isClosed) throw new OutputClosed();
    const { stdout } = this.#process;
    if (stdout.write(text)) return;
    await Promise.race([once(stdout, 'drain'), once(stdout, 'close')]).catch(() => {});
    if (this.#isClosed) throw new OutputClosed();
  }

  json(value: unknown): Promise<void> {
    return this.write(`${JSON.stringify(value)}\n`);
  }
}

async function run(request: Request, process: NodeJS.Process, output: Output): Promise<void> {
  const { command, place, operands, json } = request;
  if (command === 'adopt') {
    const adopter = await openAdopter(place);
    const adopted = await adopter.adopt().finally(() => adopter.close());
    return json ? output.json({ adopted }) : output.write(`Took over ${entries(adopted)}\n`);
  }
  const store = await openStore(place, { creates: command === 'import' });
  try {
    switch (command) {
      case 'status':
        return await status(store, request, process, output);
      case 'list':
        return await list(store, request, output);
      case 'show':
        return await show(store, String(operands[0]), json, output);
      case 'export':
        return await exportAll(store, request, process, output);
      case 'import':
        return await importAll(store, String(operands[0]), request, process, output);
      case 'resume': {
        const resumed = await store.resume();
        return json
          ? await output.json({ resumed })
          : await output.write(resumed ? 'Ended the pause\n' : 'There was no pause\n');
      }
      case 'erase': {
        const erased = await store.erase(String(operands[0]));
        return json ? await output.json({ erased }) : await output.write(`Removed ${entries(erased)}\n`);
      }
      case 'backup': {
        if (store.backup === undefined)
          throw new UsageError('backup belongs to --path: back up Redis and Postgres as usual.');
        await store.backup(String(operands[0]));
        return json ? await output.json({ backup: operands[0] }) : await output.write(`Wrote ${operands[0]}\n`);
      }
      default:
        return await decide(store, request, process, output);
    }
  } finally {
    await store.close();
  }
}

/** How many entries are in a state, or in any. */
const countOf = (stats: OutboxStats, state: EntryState | undefined): number =>
  state === undefined ? stats.pending + stats.held + stats.sending + stats.parked : stats[state];

const entries = (count: number): string => (count === 1 ? '1 entry' : `${count} entries`);

async function status(store: OperatorStore, request: Request, process: NodeJS.Process, output: Output): Promise<void> {
  let stats = await store.stats();
  if (request.watch) stats = await watch(store, stats, request, process, output);
  else if (request.json) await output.json(stats);
  else await output.write(statusText(stats));
  const { maxAge } = request;
  if (maxAge === undefined || stats.oldest === null) return;
  if (Date.now() - stats.oldest.getTime() > maxAge) process.exitCode = 1;
}

/** Shows the counts as they change, until nothing is due. */
async function watch(
  store: OperatorStore,
  first: OutboxStats,
  { json }: Request,
  { stdout }: NodeJS.Process,
  output: Output,
): Promise<OutboxStats> {
  const bar = new ProgressBar(stdout);
  const waiting = ({ pending, sending }: OutboxStats) => pending + sending;
  let total = waiting(first);
  let shown = '';
  for (let stats = first; ; stats = await store.stats()) {
    total = Math.max(total, waiting(stats));
    const done = total - waiting(stats);
    const counts = `${stats.pending} pending, ${stats.sending} on the wire, ${stats.held} held, ${stats.parked} parked`;
    if (stdout.isTTY && !json) bar.show(done, total, ` · ${counts}`);
    else if (counts !== shown) await (json ? output.json(stats) : output.write(`${counts}\n`));
    shown = counts;
    if (waiting(stats) === 0) {
      bar.end();
      if (stdout.isTTY && !json) await output.write(statusText(stats));
      return stats;
    }
    await sleep(WATCH_INTERVAL);
  }
}

async function list(store: OperatorStore, { state, limit, json }: Request, output: Output): Promise<void> {
  const shown: ListedEntry[] = [];
  for await (const entry of store.entries(state)) {
    if (shown.length === limit) break;
    shown.push(entry);
  }
  if (json) return output.json(shown.map(exported));
  if (shown.length === 0) return output.write('There is nothing.\n');
  await output.write(entryTable(shown));
  const total = countOf(await store.stats(), state);
  if (total > shown.length) await output.write(`${shown.length} of ${total}; --limit shows more\n`);
}

async function show(store: OperatorStore, id: string, json: boolean, output: Output): Promise<void> {
  const entry = await store.find(id);
  if (entry === undefined) throw new Failed(`There is no entry ${JSON.stringify(id)}.`);
  await (json ? output.json(exported(entry)) : output.write(entryDetails(entry)));
}

async function exportAll(
  store: OperatorStore,
  { state }: Request,
  { stderr }: NodeJS.Process,
  output: Output,
): Promise<void> {
  const total = countOf(await store.stats(), state);
  const bar = new ProgressBar(stderr);
  let done = 0;
  for await (const entry of store.entries(state)) {
    await output.json(exported(entry));
    bar.show(++done, total);
  }
  bar.end();
}

async function importAll(
  store: OperatorStore,
  file: string,
  { json }: Request,
  process: NodeJS.Process,
  output: Output,
): Promise<void> {
  const bar = new ProgressBar(process.stderr);
  let result: Awaited<ReturnType<typeof importFile>>;
  try {
    result = await importFile(store, file, process.stdin, ({ recorded, known }, read, size) => {
      const percent = size ? ` · ${Math.floor((100 * read) / size)} %` : '';
      bar.show(recorded + known, undefined, ` lines${percent}`);
    });
  } catch (error) {
    bar.end();
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Failed(`There is no file ${file}`);
    throw error;
  }
  bar.end();
  const { recorded, known, bad } = result;
  for (const { line, message } of bad) process.stderr.write(`Line ${line}: ${message}\n`);
  if (bad.length > 0) process.exitCode = 1;
  if (json) return output.json({ recorded, known, bad });
  const rest = [
    known > 0 && `${known} recorded before`,
    bad.length > 0 && `${bad.length} bad ${bad.length === 1 ? 'line' : 'lines'} left out`,
  ];
  await output.write(`${[`Recorded ${entries(recorded)}`, ...rest.filter(Boolean)].join(', ')}\n`);
}

async function decide(store: OperatorStore, request: Request, process: NodeJS.Process, output: Output): Promise<void> {
  const { command, operands, all, json } = request;
  const decision = command === 'resend' ? 'resend' : 'discard';
  const chosen = [...operands];
  // Read before anything is decided: what is resent comes back at the end.
  if (all) for await (const { id } of store.entries('parked')) chosen.push(id);
  const bar = new ProgressBar(process.stderr);
  const missing: string[] = [];
  for (const [index, id] of chosen.entries()) {
    if (!(await store[decision](id))) missing.push(id);
    bar.show(index + 1, chosen.length);
  }
  bar.end();
  const done = chosen.length - missing.length;
  const [verb, text] =
    decision === 'resend' ? ['resent', `Sending ${entries(done)} again`] : ['discarded', `Removed ${entries(done)}`];
  await (json ? output.json({ [verb]: done, missing }) : output.write(`${text}\n`));
  if (missing.length === 0) return;
  process.stderr.write(`Not parked: ${missing.map((id) => JSON.stringify(id)).join(', ')}\n`);
  process.exitCode = 1;
}
