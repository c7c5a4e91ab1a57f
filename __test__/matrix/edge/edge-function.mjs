// The same for runtimes that know service workers' events.

import worker from './worker.mjs';

addEventListener('fetch', (event) => event.respondWith(worker.fetch(event.request)));
