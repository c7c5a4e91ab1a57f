// Reads the fields of a webhook without trusting its shape.

/** Follows own properties, so that nothing inherited is taken for data; `undefined` where the path ends early. */
export function field(value: unknown, ...path: string[]): unknown {
  let at = value;
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

/**
 * A field that is `snake_case` on the wire and `camelCase` in the processor's SDK.
 *
 * @param name in `snake_case`
 */
export function eitherCase(value: unknown, name: string): unknown {
  return field(value, name) ?? field(value, camelCase(name));
}

const camelCase = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** No list of a payment is longer. */
const LONGEST_LIST = 1000;

/** Empty if it is no list. */
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value.slice(0, LONGEST_LIST) : []);

/** 0 if it is no whole number. */
export const whole = (value: unknown): number => (typeof value === 'number' && Number.isSafeInteger(value) ? value : 0);

/** An id, be it written as such or as the object that it belongs to. */
export const idOf = (value: unknown): unknown => (typeof value === 'string' ? value : field(value, 'id'));

/** Text for a log: ids and names as they are, anything else quoted and truncated. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return /^[\w.:/-]{1,100}$/.test(value) ? value : JSON.stringify(value.slice(0, 100));
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  return value === undefined ? 'missing' : `a value of type ${typeof value}`;
}
