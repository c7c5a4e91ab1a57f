import { SHARED } from './shared.ts';

/** ARGV: identity. */
export const stats = `${SHARED}
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
return { pending, held, sending, parked, countForeign(ARGV[1]), oldest and int(oldest) or '' }
`;

const LISTED = `
-- An entry with its fence, and when it is due if it is held.
local function listed(id, identity)
  local fields = fieldsOf(id, 'rfFence')
  local due = call('ZSCORE', P .. 'rf:held:' .. identity, id)
  fields[#fields + 1] = due and tonumber(due) > now and due or ''
  return fields
end
`;

/**
 * ARGV: identity to begin with, set (pending, sending or parked), score after which to begin, how many. Returns the score of the
 * last one, and the fields of the jobs.
 */
export const page = `${SHARED}${LISTED}
local ids = call('ZRANGEBYSCORE', P .. 'rf:' .. ARGV[2] .. ':' .. ARGV[1], ARGV[3], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[4])
local jobs, score = {}, ''
for i = 1, #ids, 2 do
  score = ids[i + 1]
  local job = listed(ids[i], ARGV[1])
  if job[1] ~= '' then jobs[#jobs + 1] = job end
end
return { score, jobs }
`;

/** ARGV: identity, job id. Returns the fields as {@link page} does, or nothing. */
export const find = `${SHARED}${LISTED}
local known = call('HMGET', P .. ARGV[2], 'rfIdentity', 'rfDone')
if not known[1] or known[2] or isForeign(ARGV[1], known[1]) then return {} end
return listed(ARGV[2], known[1])
`;
