"""Where pools stand when the same doses have been given for ever: period after period, until one changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .compose import start
from .schedule import Given
from .solve import Solver, solve

SETTLED = 1e-5  # relative change of a pool from one period to the next
TRACE = 1e-9  # of what a period gives: below it a pool counts as unchanged
MOST_PERIODS = 3000


def settle(
    solver: Solver, p: np.ndarray, block: Sequence[Given], period: float, tolerance: float
) -> tuple[np.ndarray, str | None]:
    """(pools at the end of a period like all before it, why there are none).

    Pools that only gather (urine passed, what was lost) never settle and affect nothing: they begin anew.
    """
    empty = np.array(start(solver.system, list(p)), dtype=float)
    given = sum(g.amount + g.rate * (period - g.time) for g in block)
    gathers = ~np.isin(np.arange(empty.size), solver.native.entries[:, 1])
    pools = empty
    for _ in range(MOST_PERIODS):
        path = solve(solver, p, block, period, (), tolerance, pools)
        if path.failure is not None:
            return empty, f"before the run, on the way to a steady state: {path.failure}"
        after = np.where(gathers, empty, path.final)
        moved = np.abs(after - pools) > SETTLED * np.abs(after) + TRACE * given
        pools = after
        if not moved.any():
            return pools, None
    return empty, f"no steady state after {MOST_PERIODS} periods of {period:g} min"
