/** chunk-addon-missing.cjs: loaded only if the addon is not in its usual place, or does not load. */

export { loadGenerated } from './addon-search.ts';
export { installHelp, missingAddon } from './install-help.ts';
