import { decisionStatements } from './decisions.ts';
import { pauseStatements } from './pause.ts';
import { readStatements } from './read.ts';
import { recordStatements } from './record.ts';
import { fragmentsFor, type StatementOptions } from './shared.ts';
import { takeStatements } from './take.ts';
import { upkeepStatements } from './upkeep.ts';

export type Statements = ReturnType<typeof statementsFor>;

export function statementsFor(options: StatementOptions) {
  const fragments = fragmentsFor(options);
  return {
    ...recordStatements(fragments),
    ...takeStatements(fragments),
    ...upkeepStatements(fragments),
    ...decisionStatements(fragments),
    ...readStatements(fragments),
    ...pauseStatements(fragments),
  };
}
