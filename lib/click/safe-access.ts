// Reads objects that frameworks hand out. Their getters, methods and proxy traps may throw; nothing here does.

export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

export function isArray(value: unknown): value is unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** Empty for what is no string. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A property, inherited or own. */
export function read(object: unknown, key: string): unknown {
  try {
    return (object as Record<string, unknown> | null | undefined)?.[key];
  } catch {
    return undefined;
  }
}

/** An own property: what anybody put on a prototype is no data of this request. */
export function readOwn(object: object, key: string): unknown {
  try {
    return Object.hasOwn(object, key) ? (object as Record<string, unknown>)[key] : undefined;
  } catch {
    return undefined;
  }
}

/** The result of a method; `undefined` if it does not exist or throws. */
export function call(object: unknown, method: string, argument: string): unknown {
  try {
    const found = (object as Record<string, unknown> | null | undefined)?.[method];
    const result: unknown = typeof found === 'function' ? found.call(object, argument) : undefined;
    ignoreRejection(result);
    return result;
  } catch {
    return undefined;
  }
}

/** Own keys of an object, or the keys of a `Map`. */
export function keysOf(object: object): string[] {
  try {
    const keys = isMap(object) ? [...Map.prototype.keys.call(object)] : Object.keys(object);
    return keys.filter((key) => typeof key === 'string');
  } catch {
    return [];
  }
}

export function isMap(value: object): value is Map<unknown, unknown> {
  try {
    if (!hasTag(value, 'Map')) return false;
    // Throws for an object that only claims to be one.
    Map.prototype.has.call(value, undefined);
    return true;
  } catch {
    return false;
  }
}

/** An asynchronous store is of no use here, but its failure must not become an unhandled rejection. */
function ignoreRejection(value: unknown): void {
  if (!isObject(value)) return;
  try {
    // Throws for what is no promise, which takes too long to be tried on every cookie.
    if (hasTag(value, 'Promise') || typeof read(value, 'then') === 'function') {
      Promise.prototype.then.call(value, undefined, () => {});
    }
  } catch {}
}

/** Works across realms, unlike `instanceof`. Objects can lie about it. */
function hasTag(value: object, tag: string): boolean {
  return Object.prototype.toString.call(value) === `[object ${tag}]`;
}
