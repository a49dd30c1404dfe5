"""Where pools stand when the same doses have been given for ever: period after period, until one changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .schedule import Given
from .solve import Solver, rest, solve

Array = np.ndarray
SETTLED = 1e-5  # relative change of a pool from one period to the next
TRACE = 1e-9  # of what a period gives: below it a pool counts as unchanged
MOST_PERIODS = 3000
TINY = np.finfo(float).tiny  # so that nothing, which stays nothing, has changed by 0
AGAIN, LESS = 10, 0.9  # periods after which a body that comes to rest moves at most that share of what it moved


def settle(
    solver: Solver, p: Array, blocks: Sequence[Sequence[Given]], period: float, tolerance: float
) -> tuple[Array, dict[int, str]]:
    """(pools (people, pools) at the end of a period like all before it; who has none, and why).

    Pools that only gather (urine passed, what was lost) never settle and affect nothing: they begin anew.  A body may
    swing for ever, as one that breathes in groups does: no period is like the one before, however many there were.
    Where drugs have settled and the body moves no less than some periods ago, it is taken as it is.
    """
    pools, _, failures = rest(solver, p)
    empty = pools.copy()
    gathers = ~np.isin(np.arange(pools.shape[1]), solver.native.entries[:, 1])
    given = np.array([sum(g.amount + g.rate * (period - g.time) for g in block) for block in blocks])
    moving = np.array([i for i in range(len(p)) if i not in failures], dtype=np.int64)
    moved = np.full(len(p), np.inf)
    for number in range(MOST_PERIODS):
        path = solve(solver, p[moving], [blocks[i] for i in moving], period, (), tolerance, pools[moving])
        why = "before the run, on the way to a steady state"
        failures |= {int(moving[i]): f"{why}: {text}" for i, text in path.failures.items()}
        after = np.where(gathers, empty[moving], path.final)
        change = np.abs(after - pools[moving]) / (SETTLED * np.abs(after) + TRACE * given[moving, None] + TINY)
        pools[moving] = after
        drugs, body = (change[:, held].max(axis=1, initial=0.0) for held in (solver.positive, ~solver.positive))
        on = (drugs > 1) | (body > 1)
        if number % AGAIN == 0:
            on &= (drugs > 1) | (body < LESS * moved[moving])
            moved[moving] = np.where(drugs > 1, np.inf, body)
        moving = moving[on & ~np.isin(np.arange(moving.size), list(path.failures))]
        if moving.size == 0:
            return pools, failures
    text = f"no steady state after {MOST_PERIODS} periods of {period:g} min"
    return pools, failures | {int(i): text for i in moving}
