import { RefportValidationError } from '../../client/errors.ts';
import { optionalText } from '../outbox-options.ts';

/** pg-boss' own default. */
const DEFAULT = 'pgboss';
/** pg-boss writes the name into its statements as it is. */
const NAME = /^[a-z_][a-z0-9_]{0,49}$/i;
/** Postgres' reserved key words, which cannot name a schema. */
const RESERVED = new Set(
  (
    'all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column ' +
    'concurrently constraint create cross current_catalog current_date current_role current_schema current_time ' +
    'current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from ' +
    'full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime ' +
    'localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning right ' +
    'select session_user similar some symmetric system_user table tablesample then to trailing true union unique user using ' +
    'variadic verbose when where window with'
  ).split(' '),
);

/** The schema of an outbox, in lower case as Postgres has it. */
export function schemaName(given: unknown): string {
  const name = optionalText('schema', given) ?? DEFAULT;
  if (!NAME.test(name)) {
    throw new RefportValidationError(
      `schema must be letters, digits and underscores, at most 50 and no digit first, not ${JSON.stringify(name)}`,
    );
  }
  const folded = name.toLowerCase();
  if (RESERVED.has(folded)) {
    throw new RefportValidationError(`schema must not be ${JSON.stringify(name)}: it is a reserved word of SQL`);
  }
  if (folded.startsWith('pg_')) {
    throw new RefportValidationError(
      `schema must not be ${JSON.stringify(name)}: Postgres keeps names with pg_ for itself`,
    );
  }
  return folded;
}
