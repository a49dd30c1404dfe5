"""What happens at an instant, lane by lane: doses, events, and the acts of rules.  Compiled with the loop.

A lane that is fresh has come to an instant at which something may happen.  Its signals are computed, the first thing
that happens is done, and so on until nothing more does.  What the clock brings comes before what follows from it: doses
and the acts that are due, then an event that they set off, then a rule whose condition an event makes true.
fresh: 2 a person who has just begun, 1 come to an instant, 0 on the way.
"""

# mypy: ignore-errors
# ruff: noqa: F821
from __future__ import annotations

from .elementary import WIDTH

WATCHING, WAITING, SLEEPING, WAKING, ENDED = range(5)  # states of a rule; waking: its condition must first be false
FIRST = 1e-4  # min, the first step and the first after a dose: short beside every process of a body
SAME = 1e-9  # min, what is given within this of each other is given together
MOST_PENDING = 256  # infusions of rules that run at once in one person
LOGGED = 32  # acts of each rule whose times are kept
MOST_AT_ONCE = 10_000  # things that follow from one another at one instant
EQUAL = 5e-324  # what <= and >= take more than < and >


def land(m) -> bool:
    """All that happens now in the lanes that are fresh.  False if it never ends."""
    n, state, time = m.pools, m.state, m.time
    fresh, fired, width = m.fresh, m.fired, m.named + m.events
    numbers = shifted(state, 2 * n * WIDTH)
    here = shifted(m.seen, 3 * (width + n) * WIDTH)
    for _ in range(MOST_AT_ONCE):
        waiting, assigning = False, False
        for lane in range(WIDTH):
            waiting = waiting or fresh[lane] > 0
        if not waiting:
            return True
        call(m.signals, time, state, numbers, m, here)
        for k in range(n * WIDTH):
            here[width * WIDTH + k] = state[k]
        for lane in range(WIDTH):
            fired[lane] = -1
            if fresh[lane] == 2:
                _begin(m, here, lane)
            elif fresh[lane] == 1:
                _arrive(m, here, lane)
            assigning = assigning or fired[lane] >= 0
        if assigning:
            call(m.assign, time, state, numbers, m, m.changed)
            _assign(m, fired)
    return False


def _begin(m, here, lane) -> None:
    """What the signals were before anything was given; which events are past already; then the doses at 0."""
    chosen, slot = m.chosen, m.heard_slot
    for k in range(m.heard):
        m.before[k * WIDTH + lane] = here[chosen[slot[k]] * WIDTH + lane]
    for k in range(m.events):
        m.above[k * WIDTH + lane] = here[(m.named + k) * WIDTH + lane] > 0.0
    give(m, lane)
    m.fresh[lane] = 1


def _arrive(m, here, lane) -> None:
    """The first thing that happens; if nothing does, the lane is on its way again with the signals as they are."""
    above = m.above
    if not m.at_rest:
        for k in range(m.events):  # what has fallen may rise again, even at this instant
            if not here[(m.named + k) * WIDTH + lane] > 0.0:
                above[k * WIDTH + lane] = 0
        for r in range(m.rules):
            if _due(m, here, r, lane):
                return
        for k in range(m.events):
            if here[(m.named + k) * WIDTH + lane] > 0.0 and not above[k * WIDTH + lane]:
                above[k * WIDTH + lane] = 1
                m.fired[lane] = k
                m.still[lane] = max(m.still[lane], m.ending[k])
                return
        heeded = False
        for r in range(m.rules):  # each by the same signals: no act of one comes between
            heeded = _heed(m, here, r, lane) or heeded
        if heeded:
            return
    for k in range(m.recorded):
        m.now[k * WIDTH + lane] = here[m.chosen[k] * WIDTH + lane]
    for k in range(m.events):
        m.crossing_now[k * WIDTH + lane] = here[(m.named + k) * WIDTH + lane]
    m.fresh[lane] = 0
    m.smooth[lane] = 0


def _assign(m, fired) -> None:
    pairs, changed = m.assignments, m.changed
    for k in range(m.assigned):
        for lane in range(WIDTH):
            if pairs[2 * k] == fired[lane]:
                put(m, lane, pairs[2 * k + 1], changed[k * WIDTH + lane], True)


# --- what is given --------------------------------------------------------------------------------------------------


def put(m, lane, target, amount, instead) -> None:
    """Add an amount to a pool, an inflow or a number, or put it there instead; moles are counted."""
    state, n = m.state, m.pools
    more = amount - state[target * WIDTH + lane] if instead else amount
    if target < n:
        for g in range(m.families):
            share = m.family[(g * n + target) * WIDTH + lane]
            if share > 0.0:
                m.given[g * WIDTH + lane] += share * more
    state[target * WIDTH + lane] = amount if instead else state[target * WIDTH + lane] + amount


def give(m, lane) -> None:
    """The doses that are due, and the ends of what rules have begun."""
    who, dose, time = m.who[lane], m.dose, m.time[lane]
    when, last, tag = m.dose_time, m.dose_first[who + 1], m.dose_tag
    while dose[lane] < last and when[dose[lane]] <= time + SAME:
        k = dose[lane]
        if tag[k] < 0 or not m.stopped[tag[k] * WIDTH + lane]:
            put(m, lane, m.dose_target[k], m.dose_size[k], False)
            m.step[lane] = FIRST
        dose[lane] += 1
    _end(m, lane, time + SAME, -1)


def _end(m, lane, time, rule) -> None:
    """Take away what rules gave until now, or all that one rule gave."""
    pending, ends, acts = m.pending, m.pending_time, m.pending_act
    kept = 0
    for k in range(pending[lane]):
        act, end = acts[k * WIDTH + lane], ends[k * WIDTH + lane]
        of_rule = rule >= 0 and m.act_first[rule] <= act < m.act_first[rule + 1]
        if end <= time or of_rule:
            size = m.act_size[act * m.people + m.who[lane]]
            put(m, lane, m.act_target[act], -size, False)
            m.step[lane] = FIRST
        else:
            acts[kept * WIDTH + lane], ends[kept * WIDTH + lane] = act, end
            kept += 1
    pending[lane] = kept


# --- rules ----------------------------------------------------------------------------------------------------------


def margin(m, watch, who, value, other) -> float:
    """Above 0 where the condition holds."""
    level = m.watch_level[watch * m.people + who]
    beside = other if m.watch_other[watch] >= 0 else 0.0
    extra = EQUAL if m.watch_equal[watch] else 0.0
    return m.watch_sign[watch] * (value - beside - level) + extra


def _holds(m, here, watch, lane) -> bool:
    chosen, slot, other = (
        m.chosen,
        m.watch_slot[watch],
        m.watch_other[watch],
    )
    beside = here[chosen[max(other, 0)] * WIDTH + lane]
    value = here[chosen[slot] * WIDTH + lane]
    return margin(m, watch, m.who[lane], value, beside) > 0.0


def _due(m, here, r, lane) -> bool:
    """The act of a rule whose time has come; whether it had."""
    place, time = r * WIDTH + lane, m.time[lane]
    state, due, done = m.rule_state, m.rule_next, m.rule_done
    if state[place] != WAITING or due[place] > time + SAME:
        return False
    if m.recheck[r] and not _holds(m, here, m.when[r], lane):
        state[place] = WATCHING
        return True
    _act(m, r, lane, time)
    done[place] += 1
    due[place] += m.repeat[r]
    if done[place] >= m.limit[r] and state[place] == WAITING:
        state[place] = SLEEPING if m.reset[r] >= 0 else ENDED
    return True


def _heed(m, here, r, lane) -> bool:
    """What the condition of a rule says now; whether that changed anything."""
    who, place, time = m.who[lane], r * WIDTH + lane, m.time[lane]
    state, due, done = m.rule_state, m.rule_next, m.rule_done
    when, reset = m.when[r], m.reset[r]
    if state[place] == WATCHING and _holds(m, here, when, lane):
        state[place], due[place] = WAITING, time + m.wait[r * m.people + who]
        return True
    if state[place] == SLEEPING and _holds(m, here, reset, lane):
        state[place], done[place] = WAKING, 0
        return True
    if state[place] == WAKING and not _holds(m, here, when, lane):
        state[place] = WATCHING
    return False


def _act(m, r, lane, time) -> None:
    who, count, acts = m.who[lane], m.rule_count, m.act_first
    done, pending = count[r * WIDTH + lane], m.pending
    for k in range(m.stop_first[r], m.stop_first[r + 1]):
        _stop(m, m.stops[k], lane)
    for act in range(acts[r], acts[r + 1]):
        put(m, lane, m.act_target[act], m.act_size[act * m.people + who], False)
        until = m.act_until[act]
        if until > 0.0 and pending[lane] < MOST_PENDING:
            m.pending_time[pending[lane] * WIDTH + lane] = time + until
            m.pending_act[pending[lane] * WIDTH + lane] = act
            pending[lane] += 1
        elif until > 0.0:
            m.tries[lane] = -1  # more than can be kept in mind: the run ends with that reason
    if done < LOGGED:
        m.acted[(who * m.rules + r) * LOGGED + done] = time
    count[r * WIDTH + lane] = done + 1
    m.step[lane] = FIRST


def _stop(m, tag, lane) -> None:
    """End what a dose or a rule is giving, and let it give no more."""
    who, n, stopped = m.who[lane], m.pools, m.stopped
    if stopped[tag * WIDTH + lane]:
        return
    stopped[tag * WIDTH + lane] = 1
    for k in range(m.dose_first[who], m.dose[lane]):
        target = m.dose_target[k]
        if m.dose_tag[k] == tag and target >= n:  # a running infusion; one that has ended adds up to 0
            put(m, lane, target, -m.dose_size[k], False)
    for r in range(m.rules):
        if m.rule_tag[r] == tag:
            _end(m, lane, -1.0, r)
            m.rule_state[r * WIDTH + lane] = ENDED


def next_time(m, lane) -> float:
    """When something is due next: a dose, the end of an infusion, an act, or the end of the run."""
    who, dose, target = m.who[lane], m.dose[lane], m.settings[0]
    if dose < m.dose_first[who + 1]:
        target = min(target, m.dose_time[dose])
    for k in range(m.pending[lane]):
        target = min(target, m.pending_time[k * WIDTH + lane])
    for r in range(m.rules):
        if m.rule_state[r * WIDTH + lane] == WAITING:
            target = min(target, m.rule_next[r * WIDTH + lane])
    return target
