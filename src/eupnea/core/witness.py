"""The witness: plain NumPy on the processes themselves, classic RK4 at a small fixed step.

Another algorithm on purpose, which never sees the trace: what it and the solver agree on is not an accident of either.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .compose import System, evaluate, start
from .schedule import Given

Array = np.ndarray


def rates(system: System, t: float, y: Array, p: Array) -> Array:
    """Rate of change of every pool; y is (pools,) or (pools, people), p (parameters,) or (parameters, people)."""
    flows, _ = evaluate(system, t, list(y), list(p))
    return np.stack([np.broadcast_to(flow, y.shape[1:]) for flow in flows]).astype(float)


def signals(system: System, t: float, y: Array, p: Array) -> dict[str, Array]:
    """Every signal at one instant."""
    return {name: np.broadcast_to(v, y.shape[1:]) for name, v in evaluate(system, t, list(y), list(p))[1].items()}


def integrate(
    system: System, p: Array, given: Sequence[Given], times: Sequence[float], step: float
) -> tuple[Array, dict[str, Array]]:
    """(pools, signals) at `times` (rising): pools (times, pools[, people]), each signal (times[, people]).

    Steps of at most `step` [min] that land on everything given and on every time.
    """
    p = np.asarray(p, dtype=float)
    y = np.stack([np.broadcast_to(v, p.shape[1:]) for v in start(system, list(p))]).astype(float)
    inflow = np.zeros_like(y)
    waiting = sorted(given, key=lambda g: g.time)
    pools, seen, t = [], [], 0.0
    for target in sorted({*(g.time for g in waiting), *times}):
        count = max(1, int(np.ceil((target - t) / step - 1e-9)))
        width = (target - t) / count
        for number in range(count if target > t else 0):
            y = _rk4(system, t + number * width, y, p, inflow, width)
        t = target
        while waiting and waiting[0].time <= t:
            now = waiting.pop(0)
            y[now.pool] += now.amount
            inflow[now.pool] += now.rate
        if target in times:
            pools.append(y.copy())
            seen.append(signals(system, t, y, p))
    return np.array(pools), {name: np.array([s[name] for s in seen]) for name in system.signals}


def _rk4(system: System, t: float, y: Array, p: Array, inflow: Array, h: float) -> Array:
    k1 = rates(system, t, y, p) + inflow
    k2 = rates(system, t + h / 2, y + h / 2 * k1, p) + inflow
    k3 = rates(system, t + h / 2, y + h / 2 * k2, p) + inflow
    k4 = rates(system, t + h, y + h * k3, p) + inflow
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
