/** Compile-time check: the entries export what their declarations say. */

type Conforms<Exports extends Declared, Declared> = Exports;

export type Index = Conforms<typeof import('./index.ts'), typeof import('../index.js')>;
export type Result = Conforms<typeof import('./result.ts'), typeof import('../types/result.js')>;
