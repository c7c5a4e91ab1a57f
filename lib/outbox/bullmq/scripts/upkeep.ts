import { CHUNK, SHARED } from './shared.ts';

/** How long ids are remembered after delivery, in milliseconds. */
const REMEMBERED = 7 * 24 * 60 * 60 * 1000;

/** The changes of entries that time brings, or a dashboard. Each handles a few, and the next round trip goes on. */
export const UPKEEP = `
-- The first members of a set, up to a score.
local function upTo(set, score) return call('ZRANGEBYSCORE', P .. set, '-inf', score, 'LIMIT', 0, ${CHUNK}) end

-- Dashboards put what they retry or promote into the list wait.
local function sortIn()
  for _ = 1, ${CHUNK} do
    local id = call('RPOP', P .. 'wait')
    if not id then break end
    local known = call('HMGET', P .. id, 'rfIdentity', 'rfCustomer', 'rfSeq', 'rfSince', 'rfReason', 'rfDone')
    local identity, customer, seq, since, reason, isDone = unpack(known)
    if isDone then
      call('HSET', P .. id, 'finishedOn', int(now))
      call('ZADD', P .. 'completed', int(now), id)
    elseif identity and reason then
      resend(id, identity, customer)
    elseif identity then
      if call('ZREM', P .. 'rf:held:' .. identity, id) == 1 then
        since = int(now)
        call('HSET', P .. id, 'rfSince', since)
      end
      call('ZREM', P .. 'rf:backoff:' .. identity, id)
      await(id, identity, customer, seq, since)
    end
  end
end

-- Returns when the next entry is due.
local function fallDue(identity)
  local soonest = math.huge
  for _, set in ipairs({ 'rf:held:', 'rf:backoff:' }) do
    for _, id in ipairs(upTo(set .. identity, int(now))) do
      call('ZREM', P .. set .. identity, id)
      call('ZREM', P .. 'delayed', id)
      local known = call('HMGET', P .. id, 'rfCustomer', 'rfSeq')
      if known[1] then
        call('HSET', P .. id, 'delay', '0')
        enqueue(id, identity, known[1], known[2])
      end
    end
    local first = call('ZRANGE', P .. set .. identity, 0, 0, 'WITHSCORES')
    if first[2] then soonest = math.min(soonest, tonumber(first[2])) end
  end
  return soonest
end

-- The entries on the wire of a worker that has died. The error is for those that may have been counted.
local function interrupt(identity, failure, parked)
  for _, id in ipairs(upTo('rf:sending:' .. identity, int(now))) do
    leaveWire(id, identity)
    local known = call('HMGET', P .. id, 'rfCustomer', 'rfSeq', 'rfSince', 'rfRepeatable', 'atm', 'rfErased')
    local customer, seq, since, isRepeatable, sent, isErased = unpack(known)
    local attempts = tonumber(sent or '0') + 1
    if customer and isErased then
      forget(id, identity, customer)
    elseif customer and isRepeatable == '1' then
      call('HSET', P .. id, 'atm', attempts, 'rfMayCount', '1')
      await(id, identity, customer, seq, since)
    elseif customer then
      park(id, identity, customer, seq, 'ambiguous', 'ambiguous: its process ended while it was on the wire', attempts, failure)
      parked[#parked + 1] = fieldsOf(id)
    end
  end
end

local function expire(identity, maxAge, parked)
  for _, id in ipairs(upTo('rf:pending:' .. identity, '(' .. rank(now - maxAge, 0))) do
    local known = call('HMGET', P .. id, 'rfCustomer', 'rfSeq', 'atm', 'rfError')
    unqueue(id, identity)
    if known[1] then
      park(id, identity, known[1], known[2], 'expired', 'expired', known[3] or '0', known[4] or '')
      parked[#parked + 1] = fieldsOf(id)
    end
  end
end

local function dropRejected(identity, keepRejected)
  for _, id in ipairs(upTo('rf:rejected:' .. identity, int(now - keepRejected))) do
    local customer = call('HGET', P .. id, 'rfCustomer')
    unpark(id, identity)
    if customer then forget(id, identity, customer) end
  end
end

local function dropOldIds()
  for _, id in ipairs(upTo('completed', int(now - ${REMEMBERED}))) do
    call('ZREM', P .. 'completed', id)
    call('DEL', P .. id)
  end
end
`;

/**
 * ARGV: identity, rank to begin with. Finds entries that a dashboard has removed from under the outbox, and customers who wait
 * for one: returns the rank to go on with, or -1.
 */
export const heal = `${SHARED}
local start = tonumber(ARGV[2])
local ids = call('ZRANGE', P .. 'rf:pending:' .. ARGV[1], start, start + ${CHUNK - 1})
local gone = 0
for _, id in ipairs(ids) do
  local known = call('HMGET', P .. id, 'rfCustomer')
  if known[1] then
    if not call('ZSCORE', P .. 'rf:held:' .. ARGV[1], id) then promote(ARGV[1], known[1]) end
  else
    unqueue(id, ARGV[1])
    gone = gone + 1
  end
end
for _, id in ipairs(call('ZRANGE', P .. 'rf:parked:' .. ARGV[1], start, start + ${CHUNK - 1})) do
  if call('EXISTS', P .. id) == 0 then unpark(id, ARGV[1]) end
end
return #ids == ${CHUNK} and start + #ids - gone or -1
`;
