import { resume } from './breaker.ts';
import { adopt, decide, erase } from './decisions.ts';
import { exchange } from './exchange.ts';
import { find, page, stats } from './read.ts';
import { record } from './record.ts';
import { renew } from './take.ts';
import { heal } from './upkeep.ts';

/** Each takes one key, the prefix of the outbox's keys. */
export const SCRIPTS = { record, exchange, renew, stats, page, find, decide, resume, adopt, erase, heal };

export type ScriptName = keyof typeof SCRIPTS;
