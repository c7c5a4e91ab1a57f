import { SHARED } from './shared.ts';

/**
 * The entries that a worker sends next. A fence names one taking of an entry: a worker that was stopped for so long that
 * another took its entry changes nothing.
 */
export const TAKE = `
local function takenOf(worker) return P .. 'rf:taken:' .. worker end

local function takenEntry(id)
  local job = call('HMGET', P .. id, 'name', 'data', 'atm', 'rfRepeatable', 'timestamp', 'rfIdentity')
  table.insert(job, 1, id)
  job[4] = job[4] or '0'
  return job
end

-- If the request is repeated, because its answer was lost: the entries it took that are still the worker's. Otherwise nil.
local function takenBefore(worker, request)
  local last = call('LRANGE', takenOf(worker), 0, -1)
  if last[1] ~= request then return nil end
  local taken = {}
  for i = 2, #last do
    if call('HGET', P .. last[i], 'rfFence') == worker .. ':' .. request then taken[#taken + 1] = takenEntry(last[i]) end
  end
  return taken
end

-- Takes as many as are wanted. Those that must not be sent twice are taken only if they can be sent at once.
local function take(identities, worker, request, want, atOnce, lease)
  local taken, ids = {}, {}
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
        call('HSET', P .. id, 'rfFence', worker .. ':' .. request, 'processedOn', int(now))
        call('LPUSH', P .. 'active', id)
        call('ZADD', P .. 'rf:sending:' .. identity, int(now + lease), id)
        ids[#ids + 1] = id
        taken[#taken + 1] = takenEntry(id)
      end
    end
  end
  if #ids > 0 then
    call('DEL', takenOf(worker))
    call('RPUSH', takenOf(worker), request, unpack(ids))
    call('PEXPIRE', takenOf(worker), int(lease))
  end
  return taken
end
`;

/**
 * ARGV: lease (milliseconds); then job id and fence of each entry that a worker has taken. Renews their leases. Returns for each
 * whether it is still the worker's.
 */
export const renew = `${SHARED}
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
