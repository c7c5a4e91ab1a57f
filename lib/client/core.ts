/** The part of a client that is loaded with the first one. */

import type { ClientSettings, EngineClient } from '../engine/engine.ts';
import { selectEngine } from '../engine/select.ts';
import { clientSettings } from './client-options.ts';

export { selectEngine } from '../engine/select.ts';
export { call } from './calls.ts';
export { closeTimeout } from './client-options.ts';

export function openClient(config: unknown): { client: EngineClient; settings: ClientSettings } {
  // The engine first: in a browser it throws, whatever the configuration.
  const engine = selectEngine();
  const settings = clientSettings(config);
  return { client: engine.createClient(settings), settings };
}
