'use strict';

// Makes a great many calls in one tick, and reports how each was settled, and what that took.

const fs = require('node:fs');
const { clientFor } = require('../refport-client.js');

/** @type {{ url: string, calls: number, options?: object, ca?: string }} */
const { url, calls, options = {} } = JSON.parse(process.argv[2]);
const MIB = 1024 * 1024;

async function main() {
  const client = clientFor({ url }, options);
  await client.track.lead({ clickId: 'warm', eventName: 'up', customerExternalId: 'warm' });
  const before = process.memoryUsage().rss;
  const settled = new Uint8Array(calls);
  const failures = new Map();
  const promises = [];
  for (let index = 0; index < calls; index++) {
    promises.push(
      client.track.sale({ clickId: 'c', customerExternalId: String(index), amount: index }).then(
        () => {
          settled[index] += 1;
        },
        ({ name, code, message }) => {
          settled[index] += 1;
          const reason = `${name} ${code} ${message}`;
          failures.set(reason, (failures.get(reason) ?? 0) + 1);
        },
      ),
    );
  }
  await Promise.all(promises);
  const peak =
    process.platform === 'linux'
      ? Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024
      : process.memoryUsage().rss;
  console.log(
    JSON.stringify({
      settledOnce: settled.reduce((sum, count) => sum + (count === 1 ? 1 : 0), 0),
      failures: [...failures],
      beforeMiB: Math.round(before / MIB),
      peakMiB: Math.round(peak / MIB),
      bytesPerCall: Math.round((peak - before) / calls),
    }),
  );
}

main();
