/** The outcomes of entries that a worker has sent. */
export const SETTLE = `
-- ARGV from an index on, eight for each entry. Returns for each whether it was still the worker's.
local function settle(first)
  local isOurs = {}
  for i = first, #ARGV, 8 do
    local id, fence, outcome, attempts, backoff, failure, message, mayCount = unpack(ARGV, i, i + 7)
    local job = P .. id
    local known = call('HMGET', job, 'rfFence', 'rfIdentity', 'rfCustomer', 'rfSeq', 'rfSince', 'rfErased')
    if known[1] ~= fence then
      isOurs[#isOurs + 1] = 0
    else
      isOurs[#isOurs + 1] = 1
      local identity, customer, seq, since, isErased = unpack(known, 2, 6)
      leaveWire(id, identity)
      if outcome == 'delivered' or isErased then
        call('HSET', job, 'atm', attempts)
        forget(id, identity, customer)
      elseif outcome == 'pending' then
        call('HSET', job, 'atm', attempts)
        if failure ~= '' then call('HSET', job, 'rfError', failure) end
        if mayCount == '1' then call('HSET', job, 'rfMayCount', '1') end
        local wait = tonumber(backoff)
        await(id, identity, customer, seq, since, 'rf:backoff:', wait > 0 and now + wait or nil)
      else
        park(id, identity, customer, seq, outcome, message, attempts, failure)
      end
    end
  end
  return isOurs
end
`;
