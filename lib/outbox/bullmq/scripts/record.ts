import { SHARED } from './shared.ts';

/**
 * ARGV: identity; then for each entry: job id, call, data, customer, whether it may be sent again (1 or 0), when it is due
 * (milliseconds since 1970, or 0), token of the recording (or empty: the id is random). Returns for each whether its id is new.
 */
export const record = `${SHARED}
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
