// The same for runtimes that know service workers' events.

import worker from './worker.mjs';

// Their event is none of those that the types of pages know.
addEventListener('fetch', (/** @type {any} */ event) => event.respondWith(worker.fetch(event.request)));
