'use strict';

/**
 * The order of one customer's entries, which queues in Redis don't keep when jobs run side by side or again: a sorted
 * set per customer, of the ids of the jobs that wait. It mends itself: what is gone, parked or delivered is dropped when
 * the next one asks.
 * @module
 */

/** How long an order is remembered after it was last asked for, in seconds. */
const REMEMBERED = 7 * 24 * 60 * 60;

const JOIN = `
  local function join(order, id)
    local last = redis.call('ZRANGE', order, -1, -1, 'WITHSCORES')
    redis.call('ZADD', order, 'NX', (tonumber(last[2]) or 0) + 1, id)
    redis.call('EXPIRE', order, ${REMEMBERED})
  end
  local function waits(job)
    return redis.call('EXISTS', job) == 1 and redis.call('HEXISTS', job, 'finishedOn') == 0
  end
`;

/** KEYS: order, job. ARGV: id of the job, token of the one who records it. Gives 1 if it is their job. */
const RECORD = `${JOIN}
  local data = redis.call('HGET', KEYS[2], 'data')
  if waits(KEYS[2]) then join(KEYS[1], ARGV[1]) end
  if data and not string.find(data, ARGV[2], 1, true) then return 0 end
  return 1
`;

/** KEYS: order, job. ARGV: id of the job, what the keys of all jobs begin with. Gives how many are before it. */
const AHEAD = `${JOIN}
  join(KEYS[1], ARGV[1])
  while true do
    local first = redis.call('ZRANGE', KEYS[1], 0, 0)[1]
    if first == ARGV[1] then return 0 end
    if waits(ARGV[2] .. first) then return redis.call('ZRANK', KEYS[1], ARGV[1]) end
    redis.call('ZREM', KEYS[1], first)
  end
`;

/** Clients that know the commands. @type {WeakSet<object>} */
const prepared = new WeakSet();

/**
 * @param {import('bullmq').Queue} queue
 * @returns {Promise<import('bullmq').IRedisClient>}
 */
async function clientOf(queue) {
  const client = await /** @type {import('bullmq').RedisQueueBackend} */ (queue.getBackend()).client;
  if (prepared.has(client)) return client;
  prepared.add(client);
  client.defineCommand('refportRecord', { numberOfKeys: 2, lua: RECORD });
  client.defineCommand('refportAhead', { numberOfKeys: 2, lua: AHEAD });
  return client;
}

/** @param {import('bullmq').Queue} queue @param {string} customer */
const orderKey = (queue, customer) => queue.toKey(`order:${customer}`);

/**
 * Takes a place in the customer's order.
 * @param {import('bullmq').Queue} queue
 * @param {{ jobId: string, customer: string, token: string }} entry
 * @returns {Promise<boolean>} whether the job was added by the owner of the token
 */
async function record(queue, { jobId, customer, token }) {
  const client = await clientOf(queue);
  const keys = [orderKey(queue, customer), queue.toKey(jobId)];
  return (await client.runCommand('refportRecord', [...keys, jobId, token])) === 1;
}

/**
 * How many entries of the customer were recorded earlier and still wait.
 * @param {import('bullmq').Queue} queue
 * @param {{ jobId: string, customer: string }} entry
 * @returns {Promise<number>}
 */
async function ahead(queue, { jobId, customer }) {
  const client = await clientOf(queue);
  const keys = [orderKey(queue, customer), queue.toKey(jobId)];
  return client.runCommand('refportAhead', [...keys, jobId, queue.toKey('')]);
}

module.exports = { ahead, record };
