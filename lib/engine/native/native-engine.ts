import { RefportValidationError } from '../../client/errors.ts';
import { setImmediate } from '../../platform/node.ts';
import type { ClientSettings, Engine, EngineClient } from '../engine.ts';
import { type Addon, type Deliver, loadAddon } from './addon.ts';
import { CallBridge, NativeEngineClient } from './call-bridge.ts';
import { OutboxChannel } from './outbox-channel.ts';
import { proxyFor } from './proxy-environment.ts';
import { tlsTrust, warnIfUnverified } from './tls-trust.ts';

/**
 * The engine `native`: the addon.
 * @throws what loading the addon throws
 */
export function loadNativeEngine(): Engine {
  const addon = loadAddon();
  const { NativeBridge, NativeOutbox } = addon;
  const bridge = new CallBridge((settle) => inTurns(settle, (deliver) => new NativeBridge(deliver)));
  return {
    name: 'native',
    createClient: (settings) => new NativeEngineClient(createClient(addon, settings), bridge),
    openOutbox: (settings, client, onEvent) =>
      new OutboxChannel(onEvent, (settle) =>
        inTurns(settle, (deliver) => new NativeOutbox(JSON.stringify(settings), handleOf(client), deliver)),
      ),
  };
}

const handleOf = (client: EngineClient | undefined) =>
  client instanceof NativeEngineClient ? client.handle : undefined;

function createClient({ NativeClient }: Addon, { ca, proxy, ...settings }: ClientSettings) {
  warnIfUnverified();
  const config = {
    ...settings,
    proxy: (proxy === undefined ? proxyFor(settings.baseUrl) : proxy) || undefined,
    tls: { ...tlsTrust(), ca },
  };
  try {
    return new NativeClient(JSON.stringify(config));
  } catch (error) {
    throw new RefportValidationError(error instanceof Error ? error.message : String(error));
  }
}

/** Opens what delivers batches of text, so that the event loop gets a turn between two of them. */
function inTurns<T extends { resume(): void }>(settle: (text: string) => void, open: (deliver: Deliver) => T): T {
  const deliver: Deliver = (text, hasMore) => {
    // The next batch comes even if this one throws.
    if (hasMore) setImmediate(() => opened.resume());
    settle(text);
  };
  const opened = open(deliver);
  // The addon holds `deliver` weakly while nothing is in flight, so that all this can be collected.
  return Object.assign(opened, { deliver });
}
