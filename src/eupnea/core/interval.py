"""95 % intervals from sampling people: order statistics for a median, Wilson's for a share, the normal for a mean."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

Z = 1.959963984540054  # the normal quantile of 97.5 %
LEVEL = 0.05


def median(values: Sequence[float] | np.ndarray) -> tuple[float, float | None, float | None]:
    """(median, low, high); the bounds are order statistics, None where so few values hold no 95 % interval."""
    ordered = np.sort(np.asarray(values, dtype=float))
    n = ordered.size
    rank = _rank(n)
    if rank is None:
        return float(np.median(ordered)), None, None
    return float(np.median(ordered)), float(ordered[rank]), float(ordered[n - 1 - rank])


def _rank(n: int) -> int | None:
    """The largest r (from 0) such that order statistics r and n-1-r hold the median with at least 95 %."""
    if n > 1000:
        return int((n - Z * math.sqrt(n)) / 2) - 1
    below, r = 0.0, -1
    for k in range(n // 2 + 1):
        below += math.comb(n, k) / 2**n
        if 2 * below > LEVEL:
            break
        r = k
    return r if r >= 0 else None


def share(hits: int, n: int) -> tuple[float, float, float]:
    """(share, low, high).  [wilson1927]"""
    p, z2 = hits / n, Z**2
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n**2))
    return p, 0.0 if hits == 0 else middle - half, 1.0 if hits == n else middle + half


def paired(both: int, more: int, fewer: int, n: int) -> tuple[float, float, float]:
    """(difference, low, high) of two shares of the same n people: `both` are in both, `more` in the second alone,
    `fewer` in the first alone.  Wilson's intervals of the two, squared and added, less what they share (phi, corrected
    for continuity).  [newcombe1998, method 10]"""
    neither = n - both - more - fewer
    (p1, low1, high1), (p2, low2, high2) = share(both + fewer, n), share(both + more, n)
    product = (both + more) * (fewer + neither) * (both + fewer) * (more + neither)
    apart = float(both * neither - more * fewer)
    if apart > 0:
        apart = max(apart - n / 2, 0.0)
    phi = apart / math.sqrt(product) if product else 0.0
    below, above = (p2 - low2, high1 - p1), (high2 - p2, p1 - low1)
    low, high = (math.sqrt(max(a * a - 2 * phi * a * b + b * b, 0.0)) for a, b in (below, above))
    return p2 - p1, max(p2 - p1 - low, -1.0), min(p2 - p1 + high, 1.0)


def mean(values: Sequence[float] | np.ndarray) -> tuple[float, float | None, float | None]:
    """(mean, low, high) by the normal approximation."""
    array = np.asarray(values, dtype=float)
    if array.size < 2:
        return float(array.mean()), None, None
    half = Z * float(array.std(ddof=1)) / math.sqrt(array.size)
    return float(array.mean()), float(array.mean()) - half, float(array.mean()) + half
