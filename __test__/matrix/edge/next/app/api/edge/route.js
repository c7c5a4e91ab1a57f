import worker from '../../../checks/worker.mjs';

export const runtime = 'edge';

export const POST = (request) => worker.fetch(request);
