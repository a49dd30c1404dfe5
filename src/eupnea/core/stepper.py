"""The loop that is compiled: many people from time 0 to the end, WIDTH of them side by side, each on their own clock.

A lane takes a person, steps under that person's own error control, lands on every dose, act and event, and takes the
next person when it is done.  It knows no pools: it calls the machine code of a system by address.  All that it works on
stands in one table (`core/memory.py`).  It is written in the dialect of `core/translate.py`.
"""

# mypy: ignore-errors
from __future__ import annotations

from math import inf

from .attempt import advance, attempt, look
from .crossing import rise
from .elementary import WIDTH
from .landing import ENDED, FIRST, SLEEPING, WAITING, WAKING, WATCHING, give, land, margin, next_time

DONE, TOO_MANY_STEPS, STEP_TOO_SMALL, FULL, ENDLESS, CROWDED = range(6)
LEAST = 1e-13  # min, a step below this has no meaning any more; one over a jump that is heard needs 1e-11
BEYOND = 1e-8  # min, how far past a crossing a step lands, so that it has been crossed
CLOSE = 2e-8  # min, a step in which a jump need not be found more closely


def run(m) -> int:
    """All people of the table; returns 0."""
    for lane in range(WIDTH):
        _next_person(m, lane)
    while m.active > 0:
        if not land(m):
            for lane in range(WIDTH):
                if m.fresh[lane] > 0:
                    _finish(m, lane, ENDLESS)
            continue
        if _aim(m):
            continue
        attempt(m)
        look(m)
        for lane in range(WIDTH):
            m.accepted[lane] = 1.0 if _accepted(m, lane) else 0.0
        advance(m)
        for lane in range(WIDTH):
            if m.accepted[lane] > 0.0:
                m.step[lane] = m.grown[lane]
                if m.landing[lane]:
                    give(m, lane)
                    m.fresh[lane] = 1
    _close_ranks(m)
    return 0


def _next_person(m, lane) -> None:
    """The lane begins with the next person, if there is one."""
    n, state, who = m.pools, m.state, m.next
    m.fresh[lane] = 0
    if who >= m.people:
        m.who[lane] = -1
        m.active -= 1
        return
    m.next = who + 1
    for k in range(n):
        begin = m.begin[who * n + k]
        state[k * WIDTH + lane], state[(n + k) * WIDTH + lane] = begin, 0.0
        m.least[k * WIDTH + lane] = begin
        m.floor[k * WIDTH + lane] = m.floors[who * n + k]
    for k in range(m.numbers):
        state[(2 * n + k) * WIDTH + lane] = m.parameters[who * m.numbers + k]
    for g in range(m.families):
        moles = 0.0
        for k in range(n):
            moles += m.family[(g * n + k) * WIDTH + lane] * state[k * WIDTH + lane]
        m.given[g * WIDTH + lane] = moles
        m.worst_loss[g * WIDTH + lane] = 0.0
    for r in range(m.rules):
        m.rule_state[r * WIDTH + lane] = WATCHING
        m.rule_done[r * WIDTH + lane] = 0
        m.rule_count[r * WIDTH + lane] = 0
    for k in range(m.tags):
        m.stopped[k * WIDTH + lane] = 0
    for k in range(m.sites):
        m.hint[k * WIDTH + lane] = 0
    m.tries[lane], m.steps[lane], m.rejected[lane] = 0, 0, 0
    m.smooth[lane], m.pending[lane], m.landing[lane], m.still[lane] = 0, 0, 0, 0
    m.who[lane], m.dose[lane] = who, m.dose_first[who]
    m.time[lane], m.step[lane], m.wish[lane] = 0.0, FIRST, 0.0
    m.fresh[lane] = 2


def _finish(m, lane, status) -> None:
    """What there is to know of a person; then the next."""
    who, n = m.who[lane], m.pools
    m.status[who] = status
    m.steps_out[who], m.tries_out[who] = m.steps[lane], m.tries[lane]
    m.reached[who] = m.time[lane]
    for k in range(n):
        m.final[who * n + k] = m.state[k * WIDTH + lane]
        m.lowest[who * n + k] = m.least[k * WIDTH + lane]
    for g in range(m.families):
        loss = m.worst_loss[g * WIDTH + lane]
        m.loss_out[who * m.families + g] = loss
    for r in range(m.rules):
        m.acts_out[who * m.rules + r] = m.rule_count[r * WIDTH + lane]
    _next_person(m, lane)


def _aim(m) -> bool:
    """How far each lane tries to go, at most to what comes next.  True if one has come to an instant without a step."""
    changed, end, time, h = False, m.settings[0], m.time, m.step
    for lane in range(WIDTH):
        if m.who[lane] < 0:
            continue
        tries = m.tries[lane]
        if tries < 0 or tries >= m.most or time[lane] >= end:
            _finish(m, lane, CROWDED if tries < 0 else DONE if time[lane] >= end else TOO_MANY_STEPS)
            changed = True
            continue
        target = next_time(m, lane)
        if m.still[lane]:
            _stand_still(m, lane, target)
            changed = True
            continue
        m.target[lane] = target
        landing = time[lane] + h[lane] * 1.0000001 >= target
        m.landing[lane] = 1 if landing else 0
        if landing:
            h[lane] = target - time[lane]
        elif time[lane] + 2.0 * h[lane] > target:  # two even steps rather than one and a crumb
            h[lane] = (target - time[lane]) / 2.0
    return changed


def _stand_still(m, lane, target) -> None:
    """After an event that ends a course: all stays as it is until the next dose or act, which still count."""
    if m.steps[lane] == m.room:
        _finish(m, lane, FULL)
        return
    step = m.who[lane] * m.room + m.steps[lane]
    m.since[step], m.until[step] = m.time[lane], target
    for k in range(m.recorded):
        for j in (0, 1, 2, 3):
            m.value[4 * (k * m.people * m.room + step) + j] = m.now[k * WIDTH + lane]
    m.steps[lane] += 1
    m.time[lane] = target
    give(m, lane)
    m.fresh[lane] = 1


def _accepted(m, lane) -> bool:
    """Whether the step of a lane stands; if so it is recorded, else the next try is shorter."""
    who = m.who[lane]
    if who < 0:
        return False
    m.tries[lane] += 1
    error, h, time = m.error[lane], m.step, m.time
    if not error <= 1.0:
        h[lane] *= max(0.1, 0.8 * m.growth[lane]) if error < inf else 0.1
        m.rejected[lane], m.wish[lane] = 1, 0.0
        if h[lane] < LEAST:
            _finish(m, lane, STEP_TOO_SMALL)
        return False
    share = _stop(m, who, lane)
    if share < 0.0 and h[lane] > CLOSE:  # halve it until the jump is outside, or in a step that is nothing but the jump
        h[lane], m.rejected[lane], m.wish[lane] = h[lane] / 2.0, 1, 0.0
        return False
    share = 1.0 if share < 0.0 else share
    if share * h[lane] + BEYOND < h[lane]:
        m.wish[lane] = max(m.wish[lane], h[lane])
        h[lane] = share * h[lane] + BEYOND
        return False
    if m.steps[lane] == m.room:
        _finish(m, lane, FULL)
        return False
    landing = m.landing[lane]
    after = m.target[lane] if landing else time[lane] + h[lane]
    _record(m, who, lane, time[lane], after)
    time[lane] = after
    if share <= 1.0:
        m.fresh[lane] = 1
    grow = min(5.0, max(0.2, 0.92 * m.growth[lane]))
    grown = h[lane] * (min(grow, 1.0) if m.rejected[lane] else grow)
    m.grown[lane] = max(grown, m.wish[lane])
    m.rejected[lane], m.wish[lane] = 0, 0.0
    return True


def _stop(m, who, lane) -> float:
    """The share of the step at which an event or a rule needs it to end; 2 if none does."""
    share, width = 2.0, (m.named + m.events + m.pools) * WIDTH
    if m.at_rest:
        return share
    seen, chosen, now = m.seen, m.chosen, m.now
    for k in range(m.events):
        at, above = (m.named + k) * WIDTH + lane, m.above
        v0, v3 = m.crossing_now[k * WIDTH + lane], seen[2 * width + at]
        share = min(share, rise(v0, seen[at], seen[width + at], v3, above[k * WIDTH + lane] > 0))
    for r in range(m.rules):
        state = m.rule_state[r * WIDTH + lane]
        if state != WAITING and state != ENDED:
            watch = m.reset[r] if state == SLEEPING else m.when[r]
            slot, other = m.watch_slot[watch], max(m.watch_other[watch], 0)
            a, b = chosen[slot] * WIDTH + lane, chosen[other] * WIDTH + lane
            v0 = margin(m, watch, who, now[slot * WIDTH + lane], now[other * WIDTH + lane])
            v1 = margin(m, watch, who, seen[a], seen[b])
            v2 = margin(m, watch, who, seen[width + a], seen[width + b])
            v3 = margin(m, watch, who, seen[2 * width + a], seen[2 * width + b])
            share = min(share, rise(v0, v1, v2, v3, state == WAKING))
    return share


def _record(m, who, lane, start, stop) -> None:
    """The chosen signals at thirds of the step; those at its end are the ones with which the next begins."""
    recorded, width = m.recorded, (m.named + m.events + m.pools) * WIDTH
    step, seen, now = who * m.room + m.steps[lane], m.seen, m.now
    value = m.value
    m.since[step], m.until[step] = start, stop
    for k in range(recorded):
        at, to = m.chosen[k] * WIDTH + lane, 4 * (k * m.people * m.room + step)
        value[to], value[to + 1] = now[k * WIDTH + lane], seen[at]
        value[to + 2], value[to + 3] = seen[width + at], seen[2 * width + at]
        now[k * WIDTH + lane] = seen[2 * width + at]
    for k in range(m.events):
        at, place = (m.named + k) * WIDTH + lane, k * WIDTH + lane
        m.crossing_now[place] = seen[2 * width + at]
        if not seen[2 * width + at] > 0.0:
            m.above[place] = 0
    for r in range(m.rules):
        if m.rule_state[r * WIDTH + lane] == WAKING:
            watch = m.when[r]
            a, b = now[m.watch_slot[watch] * WIDTH + lane], now[max(m.watch_other[watch], 0) * WIDTH + lane]
            if not margin(m, watch, who, a, b) > 0.0:
                m.rule_state[r * WIDTH + lane] = WATCHING
    m.steps[lane] += 1
    m.smooth[lane] = 1


def _close_ranks(m) -> None:
    """The steps of each person behind those of the one before, without the room between.  Here, as other threads can
    go on meanwhile."""
    since, until, value, to = m.since, m.until, m.value, 0
    for who in range(m.people):
        first = who * m.room
        for step in range(m.steps_out[who]):
            since[to], until[to] = since[first + step], until[first + step]
            for k in range(m.recorded):
                old, new = 4 * (k * m.people * m.room + first + step), 4 * (k * m.people * m.room + to)
                for j in (0, 1, 2, 3):
                    value[new + j] = value[old + j]
            to += 1
