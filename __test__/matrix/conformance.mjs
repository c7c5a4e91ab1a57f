// The whole public API against the sandbox, on whatever runtime runs this file. Prints a line per check and, last,
// everything as one line of JSON for __test__/matrix/run.js. Ends by itself: an idle client keeps no process alive.

import * as api from './checks-api.mjs';
import * as failures from './checks-failures.mjs';
import * as processes from './checks-processes.mjs';

const results = [];
for (const [area, checks] of Object.entries({ ...api.areas, ...failures.areas, ...processes.areas })) {
  for (const [name, check] of Object.entries(checks)) {
    /** @type {string | null} */
    let error = null;
    let mark;
    try {
      mark = await check();
    } catch (thrown) {
      error = String(/** @type {Partial<Error>} */ (thrown)?.stack ?? thrown);
    }
    results.push({ area, name, error, mark });
    console.log(`${error ? 'not ok' : 'ok'} - ${area}: ${name}${error ? `\n${error.replace(/^/gm, '    ')}` : ''}`);
  }
}
if (results.some(({ error }) => error)) process.exitCode = 1;
console.log(JSON.stringify(results));
