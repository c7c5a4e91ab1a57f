import { canLoadAddons, environment, isBrowser, loadsChunks } from '#platform';
import { RefportError, RefportValidationError } from '../client/errors.ts';
import { warnOnce } from '../client/warn.ts';
import type { Engine } from './engine.ts';
import * as bundledFetch from './fetch/fetch-engine.ts';
import type * as help from './native/addon-missing.ts';
import { loadNativeEngine } from './native/native-engine.ts';

let selected: Engine | undefined;

/** Loaded where it is used: most servers never do. */
const fetchEngine = (): Engine => {
  const { fetchEngine }: typeof bundledFetch = loadsChunks ? require('./chunk-fetch-engine.cjs') : bundledFetch;
  return fetchEngine;
};

/** The addon, where it can be loaded; else `fetch`. */
export function selectEngine(): Engine {
  if (isBrowser) {
    throw new RefportValidationError(
      'new Refport() is refused in a browser: everybody could read the API key there. Report from your server, and use ' +
        'refport-js in the browser; getClickIdFromCookie works here too. In Jest with jsdom, set ' +
        "testEnvironmentOptions: { customExportConditions: ['node', 'node-addons'] }",
    );
  }
  if (!canLoadAddons) return fetchEngine();
  selected ??= nativeOrFetch();
  return selected;
}

function nativeOrFetch(): Engine {
  const forced = forcedEngine();
  if (forced === 'fetch') return fetchEngine();
  try {
    return loadNativeEngine();
  } catch (cause) {
    const { installHelp, missingAddon }: typeof help = require('./chunk-addon-missing.cjs');
    const missing = missingAddon(cause);
    if (forced === 'native') {
      throw new RefportError(`REFPORT_ENGINE is native, but ${missing}. ${installHelp(cause)}`, {
        code: 'NO_BINARY',
        cause,
      });
    }
    const fallbackReason = `${missing}. Calls go over fetch instead. ${installHelp(cause)} REFPORT_ENGINE=fetch chooses fetch and ends this warning.`;
    warnOnce(fallbackReason, 'REFPORT_NO_BINARY');
    return { ...fetchEngine(), fallbackReason };
  }
}

/** The engine that REFPORT_ENGINE asks for. */
function forcedEngine(): Engine['name'] | undefined {
  const name = environment('REFPORT_ENGINE') || undefined;
  if (name === undefined || name === 'native' || name === 'fetch') return name;
  throw new RefportValidationError(`REFPORT_ENGINE must be "native" or "fetch", not ${JSON.stringify(name)}`);
}
