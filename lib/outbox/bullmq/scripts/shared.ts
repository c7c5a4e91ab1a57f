/**
 * The changes of the outbox in Redis, each one script, so that it happens whole or not at all.
 *
 * Entries are jobs in BullMQ's own layout, so that its dashboards show them and their buttons work: a hash per job, and
 * the ids in `prioritized` (waits), `delayed` (held, or backs off), `active` (on the wire), `failed` (parked) and `completed`
 * (delivered: only the id is kept). What a dashboard retries or promotes arrives in `wait`, and `exchange` sorts it in.
 *
 * Besides them, per identity (the key and base URL that entries belong to):
 *
 * | key | |
 * | --- | --- |
 * | `rf:pending:I` | sorted set: entries that wait, by when they became due; see `rank` |
 * | `rf:held:I`, `rf:backoff:I` | sorted sets: those of them that wait for a time, by that time |
 * | `rf:ready:I` | sorted set: entries that may be sent now, by the number of their recording |
 * | `rf:order:I:CUSTOMER` | sorted set: a customer's entries; only the first may be sent |
 * | `rf:sending:I` | sorted set: entries on the wire, by when their worker counts as dead |
 * | `rf:parked:I`, `rf:rejected:I` | sorted sets, by when they were parked; the second holds those that may be dropped |
 * | `rf:breaker:I`, `rf:probe:I` | the shared circuit breaker, and the worker that probes |
 */

/** The identity of entries that were recorded without a key: everybody's. */
export const NOBODY = '-';
/** Stands for all identities. */
export const EVERYBODY = '*';
/** How many entries one script handles besides those that it sends, so that Redis stays responsive. */
export const CHUNK = 100;

/** The start of every script. Its one key is the prefix of the outbox's keys. */
export const SHARED = `
local P = KEYS[1]
local call = redis.call

local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function int(number) return string.format('%.0f', number) end

-- Sorts by time, and within a millisecond by the number of the recording, so that scores are distinct.
local function rank(milliseconds, seq) return int(milliseconds * 4096 + seq % 4096) end

local function orderOf(identity, customer) return P .. 'rf:order:' .. identity .. ':' .. customer end

local function wake() call('ZADD', P .. 'marker', 0, '0') end

-- Makes the first of a customer's entries ready. Those that a dashboard has removed are skipped.
local function promote(identity, customer)
  local order = orderOf(identity, customer)
  while true do
    local first = call('ZRANGE', order, 0, 0, 'WITHSCORES')
    if not first[1] then return end
    if call('ZSCORE', P .. 'rf:pending:' .. identity, first[1]) then
      if call('EXISTS', P .. first[1]) == 1 then
        if not call('ZSCORE', P .. 'rf:backoff:' .. identity, first[1]) then
          call('ZADD', P .. 'rf:ready:' .. identity, first[2], first[1])
        end
        return
      end
    elseif call('ZSCORE', P .. 'rf:sending:' .. identity, first[1]) and call('EXISTS', P .. first[1]) == 1 then
      return
    end
    call('ZREM', order, first[1])
  end
end

-- Gives an entry its place behind the others of its customer.
local function enqueue(id, identity, customer, seq)
  local order = orderOf(identity, customer)
  call('ZADD', P .. 'prioritized', seq, id)
  call('ZADD', order, seq, id)
  if call('ZCARD', order) == 1 then
    call('ZADD', P .. 'rf:ready:' .. identity, seq, id)
  else
    promote(identity, customer)
  end
end

local function delay(id, set, due, seq)
  call('ZADD', set, int(due), id)
  call('ZADD', P .. 'delayed', rank(due, seq), id)
  call('HSET', P .. id, 'delay', int(math.max(0, due - now)))
end

-- Takes an entry that waits out of every set but its customer's order.
local function unqueue(id, identity)
  call('ZREM', P .. 'rf:pending:' .. identity, id)
  call('ZREM', P .. 'rf:ready:' .. identity, id)
  if call('ZREM', P .. 'prioritized', id) == 0 and call('ZREM', P .. 'delayed', id) == 1 then
    call('ZREM', P .. 'rf:held:' .. identity, id)
    call('ZREM', P .. 'rf:backoff:' .. identity, id)
  end
end

-- Puts an entry in line for its turn. With a time, it waits for that first, in the set of what is held or of what backs off.
local function await(id, identity, customer, seq, since, set, due)
  call('ZADD', P .. 'rf:pending:' .. identity, rank(since, seq), id)
  if due then
    delay(id, P .. set .. identity, due, seq)
  else
    enqueue(id, identity, customer, seq)
  end
end

local function leaveWire(id, identity)
  call('LREM', P .. 'active', 1, id)
  call('ZREM', P .. 'rf:sending:' .. identity, id)
  call('HDEL', P .. id, 'rfFence')
end

local function leaveOrder(id, identity, customer)
  call('ZREM', orderOf(identity, customer), id)
  promote(identity, customer)
end

local function park(id, identity, customer, seq, reason, message, attempts, failure)
  local job = P .. id
  call('HSET', job, 'atm', attempts, 'finishedOn', int(now), 'failedReason', message, 'rfReason', reason, 'rfError', failure)
  call('ZADD', P .. 'failed', int(now), id)
  call('ZADD', P .. 'rf:parked:' .. identity, rank(now, seq), id)
  if reason == 'rejected' then call('ZADD', P .. 'rf:rejected:' .. identity, int(now), id) end
  leaveOrder(id, identity, customer)
end

local function unpark(id, identity)
  call('ZREM', P .. 'failed', id)
  call('ZREM', P .. 'rf:parked:' .. identity, id)
  call('ZREM', P .. 'rf:rejected:' .. identity, id)
end

-- Puts a parked entry back in line, behind all others.
local function resend(id, identity, customer)
  unpark(id, identity)
  local seq, since = call('INCR', P .. 'rf:seq'), int(now)
  call('HDEL', P .. id, 'rfReason', 'rfMayCount', 'finishedOn', 'failedReason')
  call('HSET', P .. id, 'rfSince', since, 'rfSeq', seq)
  await(id, identity, customer, seq, since)
end

-- Keeps the id alone, for as long as ids are remembered.
local function forget(id, identity, customer)
  local job = P .. id
  call('HSET', job, 'data', '{}', 'finishedOn', int(now), 'rfDone', '1')
  call('HDEL', job, 'rfCustomer', 'rfError', 'rfReason', 'rfFence', 'rfErased', 'failedReason', 'stacktrace', 'progress', 'returnvalue')
  call('ZADD', P .. 'completed', int(now), id)
  leaveOrder(id, identity, customer)
end

-- The identities that a process works with: its own, and that of entries without one.
local function identitiesOf(me)
  if me == '${EVERYBODY}' then return call('SMEMBERS', P .. 'rf:identities') end
  if me == '${NOBODY}' then return { me } end
  return { me, '${NOBODY}' }
end

local function isForeign(me, identity) return me ~= '${EVERYBODY}' and identity ~= me and identity ~= '${NOBODY}' end

local function countForeign(me)
  local count = 0
  for _, other in ipairs(call('SMEMBERS', P .. 'rf:identities')) do
    if isForeign(me, other) then
      for _, set in ipairs({ 'pending', 'sending', 'parked' }) do
        count = count + call('ZCARD', P .. 'rf:' .. set .. ':' .. other)
      end
    end
  end
  return count
end

-- An entry for the outside: what a parked one has, and the fields that are named. Missing ones are empty.
local function fieldsOf(id, ...)
  local fields = call('HMGET', P .. id, 'name', 'data', 'atm', 'timestamp', 'rfReason', 'rfError', ...)
  for i, field in ipairs(fields) do fields[i] = field or '' end
  return fields
end
`;
