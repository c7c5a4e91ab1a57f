import type { OpenOutbox } from '../../../sandbox/dashboard/outbox-view.ts';

/** Opens an app's outbox for the sandbox's dashboard. Loaded on demand: few sandboxes have one. */
export const openOutbox: OpenOutbox = async (place) => (await import('../outbox/open.ts')).openStore(place);
