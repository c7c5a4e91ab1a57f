import { BREAKER } from './breaker.ts';
import { SETTLE } from './settle.ts';
import { SHARED } from './shared.ts';
import { TAKE } from './take.ts';
import { UPKEEP } from './upkeep.ts';

/**
 * One round trip of a worker: settles entries that it has sent, and takes others. ARGV: identity, worker, number of the
 * request, how many to take, how many of them can be sent at once, lease, maxAge, keepRejected (milliseconds), the error of an
 * entry whose process died (JSON), whether to count foreign entries, command for the breaker (empty, open, close, release,
 * claim); of open: its wait (milliseconds), what is to probe (api or entry), how often it opened; then for each entry that was
 * sent: job id, fence, outcome (delivered, pending, rejected, ambiguous), attempts,
 * backoff (milliseconds), error (JSON or empty), message, whether it may have been counted (1 or 0).
 */
export const exchange = `${SHARED}${BREAKER}${SETTLE}${UPKEEP}${TAKE}
local me, worker, request, want, atOnce, lease, maxAge, keepRejected, interrupted, countsForeign, command = unpack(ARGV, 1, 11)
want, atOnce, lease = tonumber(want), tonumber(atOnce), tonumber(lease)
local identities = identitiesOf(me)

changeBreaker(me, worker, command, tonumber(ARGV[12]), ARGV[13], tonumber(ARGV[14]))
local isOurs = settle(15)
sortIn()

local parked, soonest = {}, math.huge
for _, identity in ipairs(identities) do
  soonest = math.min(soonest, fallDue(identity))
  interrupt(identity, interrupted, parked)
  expire(identity, maxAge, parked)
  dropRejected(identity, keepRejected)
end
dropOldIds()

local state, wait, openings, probing = readBreaker(me)
local isClaimed = state == 'half-open' and command == 'claim' and claimProbe(me, worker, lease)
local isPaused = call('HEXISTS', P .. 'meta', 'paused') == 1

local taken = takenBefore(worker, request)
if not taken and want > 0 and not isPaused and (state == 'closed' or isClaimed) then
  taken = take(identities, worker, request, want, atOnce, lease)
end

local isMore = false
for _, identity in ipairs(identities) do
  if call('ZCARD', P .. 'rf:ready:' .. identity) > 0 then isMore = true end
end
-- The next worker that waits.
if isMore and state == 'closed' and not isPaused then wake() end
if call('LLEN', P .. 'wait') > 0 then isMore = true end

local nextDue = soonest < math.huge and math.max(0, math.ceil(soonest - now)) or -1
local resumes = tonumber(call('GET', P .. 'rf:resumes') or '0')
return { taken or {}, isOurs, parked, nextDue, isMore and 1 or 0, state, math.ceil(wait), openings, probing, isClaimed and 1 or 0,
  resumes, countsForeign == '1' and countForeign(me) or -1 }
`;
