/**
 * Gives a class `Symbol.asyncDispose`, for `await using`. It cannot be a method of the class: where the symbol is missing
 * (Node before 20.5), the method would be named "undefined".
 */
export function makeDisposable({ prototype }: { prototype: { close(): Promise<void> } }): void {
  if (!Symbol.asyncDispose) return;
  Object.defineProperty(prototype, Symbol.asyncDispose, {
    value(this: { close(): Promise<void> }) {
      return this.close();
    },
    configurable: true,
    writable: true,
  });
}
