/** Compile-time check: the entries export what their declarations say. */

type Conforms<Exports extends Declared, Declared> = Exports;

export type Index = Conforms<typeof import('./index.ts'), typeof import('../index.js')>;
export type Result = Conforms<typeof import('./result.ts'), typeof import('../types/result.js')>;
export type Webhooks = Conforms<typeof import('./webhooks.ts'), typeof import('../types/webhooks.js')>;
// The constructor of SandboxError is not public.
export type Testing = Conforms<
  typeof import('./testing.ts'),
  Omit<typeof import('../types/testing.js'), 'SandboxError'>
>;
export type Outbox = Conforms<typeof import('./outbox.ts'), typeof import('../types/outbox.js')>;
export type Bullmq = Conforms<typeof import('./bullmq.ts'), typeof import('../types/bullmq.js')>;
export type PgBoss = Conforms<typeof import('./pg-boss.ts'), typeof import('../types/pg-boss.js')>;
