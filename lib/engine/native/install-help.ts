/** Names the native package that this machine needs, and says how to get it. */

import { addonFiles, installedPackages } from './addon-search.ts';
import { platformName } from './platform-name.ts';

/** Describes what was found instead of an addon that can be loaded. @param cause what loading it threw */
export function missingAddon(cause: unknown): string {
  const name = platformName();
  const [file] = addonFiles([name]);
  const forced = process.env.NAPI_RS_NATIVE_LIBRARY_PATH;
  const found = file
    ? `${file} did not load: ${withHint(firstLine(cause))}`
    : forced
      ? `NAPI_RS_NATIVE_LIBRARY_PATH is ${forced}, where there is no file`
      : withoutFile(`@refport/native-${name}`, installedPackages());
  return `refport has no native binary for ${name}: ${found}`;
}

function withoutFile(wanted: string, installed: string[]): string {
  if (installed.includes(wanted))
    return `the package ${wanted} is installed, but its file was not found (did a bundler leave it out?)`;
  return `the package ${wanted} is not installed${installed.length > 0 ? ` (but ${installed.join(', ')})` : ''}`;
}

/** The remedy. @param cause what loading the addon threw */
export function installHelp(cause: unknown): string {
  const reason = firstLine(cause);
  const permission = /run again with the (--allow-\w+) flag/.exec(reason)?.[1];
  if (permission) return `Run again with ${permission}.`;
  if (reason.includes('loading addons is disabled')) return 'Run again with --allow-addons.';
  return (
    'To get it, install again on this platform, with optional dependencies (no --omit=optional, and neither ' +
    'node_modules nor a lock file taken from another platform); or run "npm run build" in a clone of the repository and ' +
    `set NAPI_RS_NATIVE_LIBRARY_PATH to its dist/native.${platformName()}.node.`
  );
}

/** Adds the reason where the loader's words do not give it. */
const withHint = (words: string) =>
  words.includes('failed to map segment') ? `${words} (its drive is mounted with noexec, or memory is short)` : words;

/** The generated loader chains one error per file that it tried. The last one that exists is the platform's package. */
function firstLine(cause: unknown): string {
  let last = cause;
  for (let next = cause; next instanceof Error; next = next.cause) {
    if (!/^Cannot find module/.test(next.message) && next !== cause) last = next;
  }
  return String(last instanceof Error ? last.message : last).split('\n', 1)[0] ?? '';
}
