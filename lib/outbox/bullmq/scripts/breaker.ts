import { SHARED } from './shared.ts';

/** The circuit breaker that all workers of an identity share, and the right to probe, which one of them has. */
export const BREAKER = `
local function breakerOf(identity) return P .. 'rf:breaker:' .. identity end
local function probeOf(identity) return P .. 'rf:probe:' .. identity end

-- Of a command to open: the wait (milliseconds), what is to probe, and how often it opened.
local function changeBreaker(me, worker, command, wait, probing, least)
  local breaker, probe = breakerOf(me), probeOf(me)
  if command == 'open' then
    local state = call('HMGET', breaker, 'until', 'openings')
    local due, openings = now + wait, tonumber(state[2] or '0')
    if not state[1] or tonumber(state[1]) <= now then openings = math.max(openings + 1, least) end
    if not state[1] or tonumber(state[1]) < due then call('HSET', breaker, 'until', int(due), 'probe', probing) end
    call('HSET', breaker, 'openings', openings)
    call('PEXPIRE', breaker, int(wait + 86400000))
    if call('GET', probe) == worker then call('DEL', probe) end
  elseif command == 'close' then
    call('DEL', breaker, probe)
    wake()
  elseif command == 'release' and call('GET', probe) == worker then
    call('DEL', probe)
  end
end

-- Its state, the milliseconds that it stays open, how often it opened, and what is to probe.
local function readBreaker(me)
  local open = call('HMGET', breakerOf(me), 'until', 'openings', 'probe')
  if not open[1] then return 'closed', 0, 0, '' end
  local wait = math.max(0, tonumber(open[1]) - now)
  return wait > 0 and 'open' or 'half-open', wait, tonumber(open[2]), open[3]
end

local function claimProbe(me, worker, lease)
  local probe = probeOf(me)
  return call('SET', probe, worker, 'NX', 'PX', int(lease)) or call('GET', probe) == worker
end
`;

/** ARGV: identity. Ends the pause of all workers: returns 1 if there was one. */
export const resume = `${SHARED}${BREAKER}
local ended = 0
for _, identity in ipairs(identitiesOf(ARGV[1])) do
  ended = ended + call('DEL', breakerOf(identity))
  call('DEL', probeOf(identity))
end
call('INCR', P .. 'rf:resumes')
wake()
return ended > 0 and 1 or 0
`;
