import { CHUNK, SHARED } from './shared.ts';

/** ARGV: identity, job id, decision (resend or discard). Returns 1 if there was such an entry. */
export const decide = `${SHARED}
local id, job = ARGV[2], P .. ARGV[2]
local known = call('HMGET', job, 'rfIdentity', 'rfCustomer', 'rfReason', 'rfFence', 'rfMayCount')
local identity, customer, reason, fence, mayCount = unpack(known)
if not customer or fence or isForeign(ARGV[1], identity) then return 0 end
if reason then
  -- A dashboard was faster.
  if not call('ZSCORE', P .. 'rf:parked:' .. identity, id) or not call('ZSCORE', P .. 'failed', id) then return 0 end
  if ARGV[3] == 'discard' then
    unpark(id, identity)
    forget(id, identity, customer)
  else
    resend(id, identity, customer)
    wake()
  end
  return 1
end
if ARGV[3] == 'resend' or mayCount then return 0 end
if not call('ZSCORE', P .. 'rf:pending:' .. identity, id) then return 0 end
unqueue(id, identity)
forget(id, identity, customer)
return 1
`;

/** ARGV: identity. Takes over ${CHUNK} entries of others at a time: returns how many, and whether there are more. */
export const adopt = `${SHARED}
local me, adopted = ARGV[1], 0
for _, other in ipairs(call('SMEMBERS', P .. 'rf:identities')) do
  if isForeign(me, other) then
    for _, id in ipairs(call('ZRANGE', P .. 'rf:pending:' .. other, 0, ${CHUNK - 1})) do
      local known = call('HMGET', P .. id, 'rfCustomer', 'rfSeq', 'rfSince')
      local due = call('ZSCORE', P .. 'rf:held:' .. other, id)
      unqueue(id, other)
      if known[1] then
        leaveOrder(id, other, known[1])
        call('HSET', P .. id, 'rfIdentity', me)
        await(id, me, known[1], known[2], known[3], 'rf:held:', due and tonumber(due) or nil)
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
export const erase = `${SHARED}
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
      -- The rest of it goes when it is settled.
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
