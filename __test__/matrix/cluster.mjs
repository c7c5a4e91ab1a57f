import cluster from 'node:cluster';
import { once } from 'node:events';

if (cluster.isPrimary) {
  const workers = [cluster.fork(), cluster.fork()];
  const codes = await Promise.all(workers.map((worker) => once(worker, 'exit')));
  process.exitCode = codes.every(([code]) => code === 0) ? 0 : 1;
} else {
  await import('./one-call.mjs');
  cluster.worker?.disconnect();
}
