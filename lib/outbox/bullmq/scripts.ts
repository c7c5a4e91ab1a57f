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
 * | `rf:pending:I` | sorted set: what waits, by when it was due; see `rank` |
 * | `rf:held:I`, `rf:backoff:I` | sorted sets: what waits for a time, by that |
 * | `rf:ready:I` | sorted set: what may be sent now, by the number of its recording |
 * | `rf:order:I:CUSTOMER` | sorted set: a customer's entries; only the first may be sent |
 * | `rf:sending:I` | sorted set: what is on the wire, by when its worker counts as dead |
 * | `rf:parked:I`, `rf:rejected:I` | sorted sets, by when they were parked; the second holds those that may be dropped |
 * | `rf:breaker:I`, `rf:probe:I` | the shared circuit breaker, and the worker that probes |
 */

/** How long ids are remembered after delivery, in milliseconds. */
const REMEMBERED = 7 * 24 * 60 * 60 * 1000;
/** How many entries one script handles besides those that it sends, so that Redis stays responsive. */
const CHUNK = 100;

const SHARED = `
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

-- Keeps the id alone, for as long as ids are remembered.
local function forget(id, identity, customer)
  local job = P .. id
  call('HSET', job, 'data', '{}', 'finishedOn', int(now), 'rfDone', '1')
  call('HDEL', job, 'rfCustomer', 'rfError', 'rfReason', 'rfFence', 'rfErased', 'failedReason', 'stacktrace', 'progress', 'returnvalue')
  call('ZADD', P .. 'completed', int(now), id)
  leaveOrder(id, identity, customer)
end

-- The identities that a process works with: its own and that of entries without one; '*' stands for all.
local function identitiesOf(me)
  if me == '*' then return call('SMEMBERS', P .. 'rf:identities') end
  if me == '-' then return { '-' } end
  return { me, '-' }
end

local function foreignOf(me)
  local count = 0
  if me == '*' then return count end
  for _, other in ipairs(call('SMEMBERS', P .. 'rf:identities')) do
    if other ~= me and other ~= '-' then
      for _, set in ipairs({ 'pending', 'sending', 'parked' }) do
        count = count + call('ZCARD', P .. 'rf:' .. set .. ':' .. other)
      end
    end
  end
  return count
end
`;

/**
 * ARGV: identity; then for each entry: job id, call, data, customer, whether it may be sent again (1 or 0), when it is due
 * (milliseconds since 1970, or 0), token of the recording (or empty: the id is random). Returns for each whether its id is new.
 */
const record = `${SHARED}
local me = ARGV[1]
local count = (#ARGV - 1) / 7
local seq = call('INCRBY', P .. 'rf:seq', count) - count
local isNew = {}
local recordedAt = int(now)
-- Each set is changed once for all entries: a call of a command costs more than what it does.
local added = { ['rf:pending:' .. me] = {}, prioritized = {}, ['rf:ready:' .. me] = {} }
local pending, prioritized, ready = added['rf:pending:' .. me], added.prioritized, added['rf:ready:' .. me]
local function add(members, score, id)
  members[#members + 1] = score
  members[#members + 1] = id
end
local function flush()
  for set, members in pairs(added) do
    if #members > 0 then call('ZADD', P .. set, unpack(members)) end
    for i = #members, 1, -1 do members[i] = nil end
  end
end
for i = 2, #ARGV, 7 do
  local id, customer, token = ARGV[i], ARGV[i + 3], ARGV[i + 6]
  local job = P .. id
  seq = seq + 1
  local known = call('HMGET', job, 'rfIdentity', 'rfToken')
  if known[1] then
    isNew[#isNew + 1] = token ~= '' and known[2] == token and 1 or 0
  else
    local due = tonumber(ARGV[i + 5])
    local isHeld = due > now
    local since = isHeld and int(due) or recordedAt
    call('HSET', job, 'name', ARGV[i + 1], 'data', ARGV[i + 2], 'opts', '{}', 'timestamp', recordedAt, 'delay', '0', 'priority', '0',
      'rfIdentity', me, 'rfCustomer', customer, 'rfRepeatable', ARGV[i + 4], 'rfSince', since, 'rfSeq', seq)
    if token ~= '' then call('HSET', job, 'rfToken', token) end
    add(pending, rank(since, seq), id)
    if isHeld then
      delay(id, P .. 'rf:held:' .. me, due, seq)
    else
      local order = orderOf(me, customer)
      add(prioritized, seq, id)
      call('ZADD', order, seq, id)
      if call('ZCARD', order) == 1 then
        add(ready, seq, id)
      else
        flush()
        promote(me, customer)
      end
    end
    isNew[#isNew + 1] = 1
  end
end
flush()
call('SADD', P .. 'rf:identities', me)
wake()
return isNew
`;

/**
 * One round trip of a worker: takes note of what became of entries, and takes others. ARGV: identity, worker, number of the
 * request, how many to take, how many of them can be sent at once, lease, maxAge, keepRejected (milliseconds), what a deliverer
 * that died leaves as an error (JSON), whether to count foreign entries, command for the breaker (empty, open, close, release,
 * claim); of open: its wait (milliseconds), what is to probe (api or entry), how often it opened; then for each entry that was
 * sent: job id, fence, outcome (delivered, pending, rejected, ambiguous), attempts,
 * backoff (milliseconds), error (JSON or empty), message, whether it may have been counted (1 or 0).
 *
 * A fence names one taking of an entry: a worker that was stopped for so long that another took its entry changes nothing.
 */
const exchange = `${SHARED}
local me, worker, request, want, atOnce, lease, maxAge, keepRejected, died = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]),
  tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), ARGV[9]
local identities = identitiesOf(me)
local fence = worker .. ':' .. request

local breaker = P .. 'rf:breaker:' .. me
local probe = P .. 'rf:probe:' .. me
local command, isClaimed = ARGV[11], 0
if command == 'open' then
  local state = call('HMGET', breaker, 'until', 'openings')
  local due, openings = now + tonumber(ARGV[12]), tonumber(state[2] or '0')
  if not state[1] or tonumber(state[1]) <= now then openings = math.max(openings + 1, tonumber(ARGV[14])) end
  if not state[1] or tonumber(state[1]) < due then call('HSET', breaker, 'until', int(due), 'probe', ARGV[13]) end
  call('HSET', breaker, 'openings', openings)
  call('PEXPIRE', breaker, int(tonumber(ARGV[12]) + 86400000))
  if call('GET', probe) == worker then call('DEL', probe) end
elseif command == 'close' then
  call('DEL', breaker, probe)
  wake()
elseif command == 'release' and call('GET', probe) == worker then
  call('DEL', probe)
end

local isOurs = {}
for i = 15, #ARGV, 8 do
  local id = ARGV[i]
  local job = P .. id
  local known = call('HMGET', job, 'rfFence', 'rfIdentity', 'rfCustomer', 'rfSeq', 'rfSince', 'rfErased')
  if known[1] ~= ARGV[i + 1] then
    isOurs[#isOurs + 1] = 0
  else
    isOurs[#isOurs + 1] = 1
    local outcome, attempts, backoff, failure, identity, customer, seq = ARGV[i + 2], ARGV[i + 3], tonumber(ARGV[i + 4]),
      ARGV[i + 5], known[2], known[3], known[4]
    call('LREM', P .. 'active', 1, id)
    call('ZREM', P .. 'rf:sending:' .. identity, id)
    call('HDEL', job, 'rfFence')
    if outcome == 'delivered' or known[6] then
      call('HSET', job, 'atm', attempts)
      forget(id, identity, customer)
    elseif outcome == 'pending' then
      call('HSET', job, 'atm', attempts)
      if failure ~= '' then call('HSET', job, 'rfError', failure) end
      if ARGV[i + 7] == '1' then call('HSET', job, 'rfMayCount', '1') end
      call('ZADD', P .. 'rf:pending:' .. identity, rank(known[5], seq), id)
      if backoff > 0 then
        delay(id, P .. 'rf:backoff:' .. identity, now + backoff, seq)
      else
        enqueue(id, identity, customer, seq)
      end
    else
      park(id, identity, customer, seq, outcome, ARGV[i + 6], attempts, failure)
    end
  end
end

local parked = {}
local function tellParked(id)
  local job = call('HMGET', P .. id, 'name', 'data', 'atm', 'timestamp', 'rfReason', 'rfError')
  for i = 1, 6 do job[i] = job[i] or '' end
  parked[#parked + 1] = job
end

-- Dashboards put what they retry or promote into this list.
for _ = 1, ${CHUNK} do
  local id = call('RPOP', P .. 'wait')
  if not id then break end
  local known = call('HMGET', P .. id, 'rfIdentity', 'rfCustomer', 'rfSeq', 'rfSince', 'rfReason', 'rfDone')
  if known[6] then
    call('HSET', P .. id, 'finishedOn', int(now))
    call('ZADD', P .. 'completed', int(now), id)
  elseif known[1] then
    local identity, seq, since = known[1], known[3], known[4]
    if known[5] then
      unpark(id, identity)
      call('HDEL', P .. id, 'rfReason', 'rfMayCount')
      seq, since = call('INCR', P .. 'rf:seq'), int(now)
      call('HSET', P .. id, 'rfSince', since, 'rfSeq', seq)
    elseif call('ZREM', P .. 'rf:held:' .. identity, id) == 1 then
      since = int(now)
      call('HSET', P .. id, 'rfSince', since)
    end
    call('ZREM', P .. 'rf:backoff:' .. identity, id)
    call('ZADD', P .. 'rf:pending:' .. identity, rank(since, seq), id)
    enqueue(id, identity, known[2], seq)
  end
end

local soonest
local function atLatest(due) if due and (not soonest or due < soonest) then soonest = due end end

for _, identity in ipairs(identities) do
  -- What is due.
  for _, set in ipairs({ 'rf:held:', 'rf:backoff:' }) do
    for _, id in ipairs(call('ZRANGEBYSCORE', P .. set .. identity, '-inf', int(now), 'LIMIT', 0, ${CHUNK})) do
      call('ZREM', P .. set .. identity, id)
      call('ZREM', P .. 'delayed', id)
      local known = call('HMGET', P .. id, 'rfCustomer', 'rfSeq')
      if known[1] then
        call('HSET', P .. id, 'delay', '0')
        enqueue(id, identity, known[1], known[2])
      end
    end
    local first = call('ZRANGE', P .. set .. identity, 0, 0, 'WITHSCORES')
    if first[2] then atLatest(tonumber(first[2])) end
  end
  -- What was on the wire of a worker that has died.
  for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'rf:sending:' .. identity, '-inf', int(now), 'LIMIT', 0, ${CHUNK})) do
    call('ZREM', P .. 'rf:sending:' .. identity, id)
    call('LREM', P .. 'active', 1, id)
    local known = call('HMGET', P .. id, 'rfCustomer', 'rfSeq', 'rfSince', 'rfRepeatable', 'atm', 'rfErased')
    if known[1] then
      local attempts = tonumber(known[5] or '0') + 1
      call('HDEL', P .. id, 'rfFence')
      if known[6] then
        forget(id, identity, known[1])
      elseif known[4] == '1' then
        call('HSET', P .. id, 'atm', attempts, 'rfMayCount', '1')
        call('ZADD', P .. 'rf:pending:' .. identity, rank(known[3], known[2]), id)
        enqueue(id, identity, known[1], known[2])
      else
        park(id, identity, known[1], known[2], 'ambiguous', 'ambiguous: its process ended while it was on the wire', attempts, died)
        tellParked(id)
      end
    end
  end
  -- What could not be delivered in time.
  for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'rf:pending:' .. identity, '-inf', '(' .. rank(now - maxAge, 0), 'LIMIT', 0, ${CHUNK})) do
    local known = call('HMGET', P .. id, 'rfCustomer', 'rfSeq', 'atm', 'rfError')
    unqueue(id, identity)
    if known[1] then
      park(id, identity, known[1], known[2], 'expired', 'expired', known[3] or '0', known[4] or '')
      tellParked(id)
    end
  end
  -- Rejected entries that were kept for long enough.
  for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'rf:rejected:' .. identity, '-inf', int(now - keepRejected), 'LIMIT', 0, ${CHUNK})) do
    local customer = call('HGET', P .. id, 'rfCustomer')
    unpark(id, identity)
    if customer then forget(id, identity, customer) end
  end
end
for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'completed', '-inf', int(now - ${REMEMBERED}), 'LIMIT', 0, ${CHUNK})) do
  call('ZREM', P .. 'completed', id)
  call('DEL', P .. id)
end

-- The breaker that all workers of an identity share.
local state, wait, openings = 'closed', 0, 0
local probing = ''
local open = call('HMGET', breaker, 'until', 'openings', 'probe')
if open[1] then
  wait, openings, probing = math.max(0, tonumber(open[1]) - now), tonumber(open[2]), open[3]
  state = wait > 0 and 'open' or 'half-open'
  if state == 'half-open' and command == 'claim' then
    if call('SET', probe, worker, 'NX', 'PX', int(lease)) or call('GET', probe) == worker then isClaimed = 1 end
  end
end
local isPaused = call('HEXISTS', P .. 'meta', 'paused') == 1

-- The request may be a repetition whose first answer was lost: then what it has taken is told again.
local lastTaken = P .. 'rf:taken:' .. worker
local taken, ids = {}, {}
local function tellTaken(id)
  local job = call('HMGET', P .. id, 'name', 'data', 'atm', 'rfRepeatable', 'timestamp', 'rfIdentity')
  table.insert(job, 1, id)
  job[4] = job[4] or '0'
  taken[#taken + 1] = job
end
local last = call('LRANGE', lastTaken, 0, -1)
if last[1] == request then
  for i = 2, #last do if call('HGET', P .. last[i], 'rfFence') == fence then tellTaken(last[i]) end end
elseif want > 0 and not isPaused and (state == 'closed' or isClaimed == 1) then
  for _, identity in ipairs(identities) do
    while #taken < want do
      local id, seq = unpack(call('ZPOPMIN', P .. 'rf:ready:' .. identity))
      if not id then break end
      local known = call('HMGET', P .. id, 'rfCustomer', 'rfRepeatable')
      if known[1] and known[2] ~= '1' and #taken >= atOnce then
        call('ZADD', P .. 'rf:ready:' .. identity, seq, id)
        break
      end
      call('ZREM', P .. 'prioritized', id)
      call('ZREM', P .. 'rf:pending:' .. identity, id)
      if known[1] then
        call('HSET', P .. id, 'rfFence', fence, 'processedOn', int(now))
        call('LPUSH', P .. 'active', id)
        call('ZADD', P .. 'rf:sending:' .. identity, int(now + lease), id)
        ids[#ids + 1] = id
        tellTaken(id)
      end
    end
  end
  if #ids > 0 then
    call('DEL', lastTaken)
    call('RPUSH', lastTaken, request, unpack(ids))
    call('PEXPIRE', lastTaken, int(lease))
  end
end

local isMore = 0
for _, identity in ipairs(identities) do
  if call('ZCARD', P .. 'rf:ready:' .. identity) > 0 then isMore = 1 end
end
-- The next worker that waits.
if isMore == 1 and state == 'closed' and not isPaused then wake() end
if call('LLEN', P .. 'wait') > 0 then isMore = 1 end

return { taken, isOurs, parked, soonest and math.max(0, math.ceil(soonest - now)) or -1, isMore, state, math.ceil(wait), openings, probing,
  isClaimed, tonumber(call('GET', P .. 'rf:resumes') or '0'), ARGV[10] == '1' and foreignOf(me) or -1 }
`;

/**
 * ARGV: lease (milliseconds); then job id and fence of each entry that a worker has taken. Says that the worker lives. Returns for
 * each whether it is still the worker's.
 */
const renew = `${SHARED}
local isOurs = {}
for i = 2, #ARGV, 2 do
  local known = call('HMGET', P .. ARGV[i], 'rfFence', 'rfIdentity')
  isOurs[#isOurs + 1] = known[1] == ARGV[i + 1] and 1 or 0
  if known[1] == ARGV[i + 1] then
    call('ZADD', P .. 'rf:sending:' .. known[2], 'XX', int(now + tonumber(ARGV[1])), ARGV[i])
  end
end
return isOurs
`;

/** ARGV: identity. */
const stats = `${SHARED}
local pending, held, sending, parked = 0, 0, 0, 0
local oldest
for _, identity in ipairs(identitiesOf(ARGV[1])) do
  local waits = P .. 'rf:pending:' .. identity
  local notDue = call('ZCOUNT', P .. 'rf:held:' .. identity, '(' .. int(now), '+inf')
  held = held + notDue
  pending = pending + call('ZCARD', waits) - notDue
  sending = sending + call('ZCARD', P .. 'rf:sending:' .. identity)
  parked = parked + call('ZCARD', P .. 'rf:parked:' .. identity)
  local first = {}
  if call('ZCARD', waits) > notDue then first = call('ZRANGE', waits, 0, 0) end
  local active = call('ZRANGE', P .. 'rf:sending:' .. identity, 0, 63)
  for _, ids in ipairs({ first, active }) do
    for _, id in ipairs(ids) do
      local recorded = tonumber(call('HGET', P .. id, 'timestamp') or '')
      if recorded and (not oldest or recorded < oldest) then oldest = recorded end
    end
  end
end
return { pending, held, sending, parked, foreignOf(ARGV[1]), oldest and int(oldest) or '' }
`;

/**
 * ARGV: identity to begin with, set (pending, sending or parked), score after which to begin, how many. Returns the score of the
 * last one, and the fields of the jobs.
 */
const page = `${SHARED}
local ids = call('ZRANGEBYSCORE', P .. 'rf:' .. ARGV[2] .. ':' .. ARGV[1], ARGV[3], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[4])
local jobs, score = {}, ''
for i = 1, #ids, 2 do
  score = ids[i + 1]
  local job = call('HMGET', P .. ids[i], 'name', 'data', 'atm', 'timestamp', 'rfReason', 'rfError', 'rfFence', 'rfDone')
  local due = call('ZSCORE', P .. 'rf:held:' .. ARGV[1], ids[i])
  if job[1] then
    for f = 1, 8 do job[f] = job[f] or '' end
    job[9] = due and tonumber(due) > now and due or ''
    job[10] = ids[i]
    jobs[#jobs + 1] = job
  end
end
return { score, jobs }
`;

/** ARGV: identity, job id. Returns the fields as \`page\` does, or nothing. */
const find = `${SHARED}
local job = call('HMGET', P .. ARGV[2], 'name', 'data', 'atm', 'timestamp', 'rfReason', 'rfError', 'rfFence', 'rfDone', 'rfIdentity')
local identity = job[9]
if not identity or job[8] then return {} end
if ARGV[1] ~= '*' and identity ~= ARGV[1] and identity ~= '-' then return {} end
for f = 1, 8 do job[f] = job[f] or '' end
local due = call('ZSCORE', P .. 'rf:held:' .. identity, ARGV[2])
job[9] = due and tonumber(due) > now and due or ''
job[10] = ARGV[2]
return job
`;

/** ARGV: identity, job id, decision (resend or discard). Returns 1 if there was such an entry. */
const decide = `${SHARED}
local id, job = ARGV[2], P .. ARGV[2]
local known = call('HMGET', job, 'rfIdentity', 'rfCustomer', 'rfReason', 'rfFence', 'rfMayCount')
local identity, customer = known[1], known[2]
if not customer or known[4] then return 0 end
if ARGV[1] ~= '*' and identity ~= ARGV[1] and identity ~= '-' then return 0 end
if known[3] then
  -- A dashboard was faster.
  if not call('ZSCORE', P .. 'rf:parked:' .. identity, id) or not call('ZSCORE', P .. 'failed', id) then return 0 end
  unpark(id, identity)
  if ARGV[3] == 'discard' then
    forget(id, identity, customer)
  else
    local seq = call('INCR', P .. 'rf:seq')
    call('HDEL', job, 'rfReason', 'rfMayCount', 'finishedOn', 'failedReason')
    call('HSET', job, 'rfSince', int(now), 'rfSeq', seq)
    call('ZADD', P .. 'rf:pending:' .. identity, rank(now, seq), id)
    enqueue(id, identity, customer, seq)
    wake()
  end
  return 1
end
if ARGV[3] == 'resend' or known[5] then return 0 end
if not call('ZSCORE', P .. 'rf:pending:' .. identity, id) then return 0 end
unqueue(id, identity)
forget(id, identity, customer)
return 1
`;

/** ARGV: identity. Ends the pause of all workers: returns 1 if there was one. */
const resume = `${SHARED}
local ended = 0
for _, identity in ipairs(identitiesOf(ARGV[1])) do
  ended = ended + call('DEL', P .. 'rf:breaker:' .. identity)
  call('DEL', P .. 'rf:probe:' .. identity)
end
call('INCR', P .. 'rf:resumes')
wake()
return ended > 0 and 1 or 0
`;

/** ARGV: identity. Takes over ${CHUNK} entries of others at a time: returns how many, and whether there are more. */
const adopt = `${SHARED}
local me, adopted = ARGV[1], 0
for _, other in ipairs(call('SMEMBERS', P .. 'rf:identities')) do
  if other ~= me and other ~= '-' then
    for _, id in ipairs(call('ZRANGE', P .. 'rf:pending:' .. other, 0, ${CHUNK - 1})) do
      local known = call('HMGET', P .. id, 'rfCustomer', 'rfSeq', 'rfSince')
      local due = call('ZSCORE', P .. 'rf:held:' .. other, id)
      unqueue(id, other)
      if known[1] then
        leaveOrder(id, other, known[1])
        call('HSET', P .. id, 'rfIdentity', me)
        call('ZADD', P .. 'rf:pending:' .. me, rank(known[3], known[2]), id)
        if due then delay(id, P .. 'rf:held:' .. me, tonumber(due), known[2]) else enqueue(id, me, known[1], known[2]) end
        adopted = adopted + 1
      end
    end
    for _, id in ipairs(call('ZRANGE', P .. 'rf:parked:' .. other, 0, ${CHUNK - 1})) do
      local score = call('ZSCORE', P .. 'rf:parked:' .. other, id)
      local rejected = call('ZSCORE', P .. 'rf:rejected:' .. other, id)
      call('ZREM', P .. 'rf:parked:' .. other, id)
      call('ZREM', P .. 'rf:rejected:' .. other, id)
      if call('EXISTS', P .. id) == 1 then
        call('HSET', P .. id, 'rfIdentity', me)
        call('ZADD', P .. 'rf:parked:' .. me, score, id)
        if rejected then call('ZADD', P .. 'rf:rejected:' .. me, rejected, id) end
        adopted = adopted + 1
      end
    end
    local left = call('ZCARD', P .. 'rf:pending:' .. other) + call('ZCARD', P .. 'rf:parked:' .. other)
    if left > 0 then
      wake()
      return { adopted, 1 }
    end
    if call('ZCARD', P .. 'rf:sending:' .. other) == 0 then call('SREM', P .. 'rf:identities', other) end
  end
end
call('SADD', P .. 'rf:identities', me)
wake()
return { adopted, 0 }
`;

/**
 * ARGV: identity of the entries, customer, set (order, held, parked or sending), rank to begin with. Returns how many were removed,
 * and the rank to go on with, or -1.
 */
const erase = `${SHARED}
local identity, customer, set, start = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local removed = 0
local members = set == 'order' and orderOf(identity, customer) or P .. 'rf:' .. set .. ':' .. identity
local ids = call('ZRANGE', members, start, start + ${CHUNK - 1})
local kept = 0
for _, id in ipairs(ids) do
  local isOnWire = call('HEXISTS', P .. id, 'rfFence') == 1
  if call('HGET', P .. id, 'rfCustomer') ~= customer then
    kept = kept + 1
  elseif isOnWire then
    kept = kept + 1
    if set == 'sending' then
      -- Whatever becomes of it, nothing of it stays.
      call('HSET', P .. id, 'rfErased', '1')
      removed = removed + 1
    end
  else
    if set == 'parked' then unpark(id, identity) else unqueue(id, identity) end
    forget(id, identity, customer)
    removed = removed + 1
  end
end
return { removed, #ids == ${CHUNK} and start + kept or -1 }
`;

/**
 * ARGV: identity, rank to begin with. Finds entries that a dashboard has removed from under the outbox, and customers who wait
 * for one: returns the rank to go on with, or -1.
 */
const heal = `${SHARED}
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

/** Each with one key: what the keys of the outbox begin with. */
export const SCRIPTS = { record, exchange, renew, stats, page, find, decide, resume, adopt, erase, heal };

export type ScriptName = keyof typeof SCRIPTS;
