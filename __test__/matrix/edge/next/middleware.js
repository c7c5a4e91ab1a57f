import worker from './checks/worker.mjs';

export const config = { matcher: '/middleware' };

export const middleware = (request) => worker.fetch(request);
