import { builtin } from '#platform';
import type { ClientSettings, EngineClient } from '../engine/engine.ts';

interface Registered {
  client: EngineClient;
  settings: Pick<ClientSettings, 'apiKey' | 'baseUrl'>;
}

/** The engine's client and the settings behind each `Refport` of either entry, for its outboxes. */
const registered = new WeakMap<object, Registered>();

const find = (refport: unknown) =>
  typeof refport === 'object' && refport !== null ? registered.get(refport) : undefined;

/** The engine's client behind a `Refport`; undefined for anything else. */
export const getEngineClient = (refport: unknown): EngineClient | undefined => find(refport)?.client;

/** Whose conversions a `Refport` reports: a digest of its base URL and key. Undefined for anything else. */
export function getIdentity(refport: unknown): string | undefined {
  const settings = find(refport)?.settings;
  if (settings === undefined) return undefined;
  const text = `${settings.baseUrl}\n${settings.apiKey}`;
  return builtin('node:crypto').createHash('sha256').update(text).digest('hex').slice(0, 32);
}

export function registerEngineClient(refport: object, client: EngineClient, settings: Registered['settings']): void {
  registered.set(refport, { client, settings });
}

/** Makes one object stand for the same client as another. */
export function registerSame(refport: object, other: object): void {
  const entry = registered.get(other);
  if (entry) registered.set(refport, entry);
}
