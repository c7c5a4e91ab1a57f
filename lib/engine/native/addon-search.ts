/** Finds the addon where it is not in its usual place. */

import { builtin } from '../../platform/node.ts';
import { assertComplete, distFolder } from './addon-file.ts';
import { linuxNames } from './platform-name.ts';

/** The generated loader finds the addon everywhere else. Its static `require` calls lead bundlers and tracers to the file. */
export function loadGenerated(): unknown {
  for (const file of addonFiles(linuxNames())) assertComplete(file);
  return require('./native.cjs');
}

/** The files that the generated loader would load, as far as they exist. @param names of platforms */
export function addonFiles(names: string[]): string[] {
  const { existsSync } = builtin('node:fs');
  const forced = process.env.NAPI_RS_NATIVE_LIBRARY_PATH;
  if (forced) return existsSync(forced) ? [forced] : [];
  const dist = distFolder();
  if (dist === undefined) return [];
  return names.flatMap((name) => {
    const built = builtin('node:path').join(dist, `native.${name}.node`);
    return existsSync(built) ? [built] : (installed(name) ?? []);
  });
}

function installed(name: string): string | undefined {
  try {
    return require.resolve(`@refport/native-${name}`);
  } catch {
    return undefined;
  }
}

/** Names of the packages with addons beside this one, for whatever platform. */
export function installedPackages(): string[] {
  const dist = distFolder();
  if (dist === undefined) return [];
  try {
    return builtin('node:fs')
      .readdirSync(builtin('node:path').join(dist, '../../@refport'))
      .filter((name) => name.startsWith('native-'))
      .map((name) => `@refport/${name}`);
  } catch {
    return [];
  }
}
