"""What a signal was some time ago: read from the cubics of the steps taken, or, inside the present step, blended.

Compiled with the loop; a system's code calls `lag` by its address.
"""

# mypy: ignore-errors
from __future__ import annotations

from math import nan

from .elementary import WIDTH


def cubic(v0, v1, v2, v3, x) -> float:
    """The cubic through the values at 0, 1/3, 2/3, 1."""
    b = -5.5 * v0 + 9.0 * v1 - 4.5 * v2 + v3
    c = 9.0 * v0 - 22.5 * v1 + 18.0 * v2 - 4.5 * v3
    d = -4.5 * v0 + 13.5 * v1 - 13.5 * v2 + 4.5 * v3
    return v0 + x * (b + x * (c + x * d))


def lag(m, site, heard, t, now, delay, then) -> None:
    """then = the signal `heard`, whose value now is `now`, `delay` before t; all by lane."""
    for lane in range(WIDTH):
        who, back = m.who[lane], delay[lane]
        if who < 0 or m.at_rest or m.fresh[lane] == 2 or back == 0.0:
            then[lane] = now[lane]
        elif not back > 0.0:
            then[lane] = nan  # nobody hears the future
        else:
            slot = m.heard_slot[heard]
            asked, node = t[lane] - back, m.time[lane]
            if asked > node:
                then[lane] = _inside(m, lane, who, slot, asked - node, t[lane] - node, now[lane])
            elif asked <= 0.0:
                then[lane] = m.before[heard * WIDTH + lane]
            else:
                then[lane] = _past(m, lane, who, slot, m.hint, site * WIDTH + lane, asked)


def _past(m, lane, who, slot, hint, place, asked) -> float:
    """From the step that holds the time asked for; the search begins where the last one ended."""
    since, until, last = m.since, m.until, m.steps[lane] - 1
    first, step = who * m.room, min(hint[place], last)
    while step > 0 and since[first + step] > asked:
        step -= 1
    while step < last and until[first + step] <= asked:
        step += 1
    hint[place] = step
    start, stop = since[first + step], until[first + step]
    v, at = m.value, 4 * (slot * m.people * m.room + first + step)
    return cubic(v[at], v[at + 1], v[at + 2], v[at + 3], (asked - start) / (stop - start))


def _inside(m, lane, who, slot, x, width, now) -> float:
    """x into the present step, of which `width` are done: the parabola through the value and slope at its start and
    the value now; a straight line where the start is a corner."""
    begin, share = m.now[slot * WIDTH + lane], x / width
    if not m.smooth[lane]:
        return begin + (now - begin) * share
    step = who * m.room + m.steps[lane] - 1
    v, at = m.value, 4 * (slot * m.people * m.room + step)
    slope = (-v[at] + 4.5 * v[at + 1] - 9.0 * v[at + 2] + 5.5 * v[at + 3]) / (m.until[step] - m.since[step])
    return begin + slope * x + (now - begin - slope * width) * share * share
