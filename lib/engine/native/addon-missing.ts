/** What is needed only where the addon is not in its usual place, or does not load. Loaded then: chunk-addon-missing.cjs. */

export { loadGenerated } from './addon-search.ts';
export { installHelp, missingAddon } from './install-help.ts';
