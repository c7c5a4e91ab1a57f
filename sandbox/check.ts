import { inspect } from 'node:util';
import { SandboxError } from './errors.ts';

/** An error that names the option, says what it must be and shows what was given. */
export function misuse(name: string, expected: string, value: unknown): SandboxError {
  const shown = inspect(value, { depth: 0, breakLength: Infinity }).slice(0, 100);
  return new SandboxError('INVALID_OPTION', `${name} must be ${expected}, got ${shown}`);
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** The functions below return the value they were given, or throw {@link misuse}. Without `known`, any key is allowed. */
export function checkObject(name: string, value: unknown, known?: readonly string[]): Record<string, unknown> {
  if (value === undefined) return {};
  if (!isObject(value)) throw misuse(name, 'an object', value);
  const unknown = Object.keys(value).find((key) => known && !known.includes(key));
  if (unknown !== undefined) {
    throw new SandboxError('INVALID_OPTION', `${name} has no option "${unknown}"; it takes ${known?.join(', ')}`);
  }
  return value;
}

export function checkNumber(name: string, value: unknown, lowest: number, highest: number): number {
  if (typeof value !== 'number' || !(value >= lowest && value <= highest)) {
    throw misuse(name, `a number from ${lowest} to ${highest}`, value);
  }
  return value;
}

/** `Infinity` counts as a whole number where `highest` is infinite. */
export function checkInteger(name: string, value: unknown, lowest: number, highest: number): number {
  const isWhole = Number.isInteger(value) || value === Infinity;
  if (typeof value !== 'number' || !isWhole || value < lowest || value > highest) {
    throw misuse(name, `a whole number from ${lowest} to ${highest}`, value);
  }
  return value;
}

export function checkString(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw misuse(name, 'a non-empty string', value);
  return value;
}

export function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw misuse(name, 'true or false', value);
  return value;
}

export function checkChoice<T extends string>(name: string, value: unknown, choices: readonly T[]): T {
  const chosen = choices.find((choice) => choice === value);
  if (chosen === undefined) throw misuse(name, `one of ${choices.join(', ')}`, value);
  return chosen;
}

export function checkList(name: string, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw misuse(name, 'an array', value);
  return value;
}
