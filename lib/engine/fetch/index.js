'use strict';

const { Call } = require('./call.js');
const { createClient } = require('./config.js');

/**
 * The engine `fetch`: the calls of the API over the runtime's own `fetch`, for where there is no addon. It keeps the
 * addon's rules (src/api); __test__/engine holds the two together.
 * @module
 */

/** Kinds of src/bridge/batch.rs. */
const FAILURE = 0;
const SUCCESS = 1;

/**
 * @param {(results: string) => void} settle
 * @returns {import('../engine').EngineBridge}
 */
function open(settle) {
  /** @type {Map<number, InstanceType<typeof Call>>} */
  const calls = new Map();

  /** @param {import('./config.js').Client} client @param {string} line */
  async function start(client, line) {
    const [id = '', operation = '', options = '', params = ''] = line.split('\t');
    const number = Number(id);
    const call = new Call(client, Number(operation), options === '' ? {} : JSON.parse(options));
    calls.set(number, call);
    const { body, failure, status, attempts } = await call.perform(params);
    calls.delete(number);
    const kind = failure === undefined ? SUCCESS : FAILURE;
    // A body that is handed out was checked to be JSON.
    settle(`[${number},${kind},${status},${attempts},${body ?? JSON.stringify(failure)}]`);
  }

  return {
    submit(client, batch) {
      for (const line of batch.split('\n').slice(0, -1)) {
        start(/** @type {import('./config.js').Client} */ (client), line);
      }
    },
    cancel(id) {
      calls.get(id)?.cancel();
    },
  };
}

/** @type {import('../engine').Engine} */
const fetchEngine = { name: 'fetch', createClient, open };

module.exports = { fetchEngine };
