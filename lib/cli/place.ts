/** Where an outbox keeps its entries. */
export type Place =
  | { readonly path: string }
  | { readonly redis: string; readonly prefix?: string | undefined }
  | { readonly postgres: string; readonly schema?: string | undefined };

interface PlaceOptions {
  path?: string | undefined;
  redis?: string | undefined;
  prefix?: string | undefined;
  postgres?: string | undefined;
  schema?: string | undefined;
}

/**
 * The place that a command's options name, if they name one.
 *
 * @param pathOption - what the command calls the option for a file
 * @param fail - makes the error for options that do not fit together
 */
export function readPlace(
  { path, redis, prefix, postgres, schema }: PlaceOptions,
  pathOption: string,
  fail: (problem: string) => Error,
): Place | undefined {
  const places = [path, redis, postgres].filter((place) => place !== undefined);
  if (places.length > 1) throw fail(`Only one of ${pathOption}, --redis and --postgres is possible.`);
  if (places.includes('')) throw fail(`${pathOption}, --redis and --postgres must not be empty.`);
  if (prefix !== undefined && redis === undefined) throw fail('--prefix belongs to --redis.');
  if (schema !== undefined && postgres === undefined) throw fail('--schema belongs to --postgres.');
  if (path !== undefined) return { path };
  if (redis !== undefined) return { redis, prefix };
  return postgres === undefined ? undefined : { postgres, schema };
}
