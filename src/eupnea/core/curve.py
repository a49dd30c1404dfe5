"""One signal of one person over time: a cubic on every step, so that peaks, crossings and areas are found inside steps.

A dose may make a jump between the end of one step and the start of the next; the value *at* a time is the one after.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Array = np.ndarray

# value at thirds -> coefficients of 1, x, x^2, x^3 on 0 <= x <= 1
_CUBIC = np.array([[1, 0, 0, 0], [-5.5, 9, -4.5, 1], [9, -22.5, 18, -4.5], [-4.5, 13.5, -13.5, 4.5]])
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)


@dataclass(frozen=True)
class Curve:
    """start, stop (steps,) [min]; value (steps, 4) at 0, 1/3, 2/3 and 1 of each step; unit of the value."""

    start: Array
    stop: Array
    value: Array
    unit: str = "1"

    @property
    def cubic(self) -> Array:
        """(steps, 4) coefficients of 1, x, x^2, x^3, x from 0 to 1 over each step."""
        return self.value @ _CUBIC.T

    @property
    def end(self) -> float:
        return float(self.stop[-1])

    def __sub__(self, level: float) -> Curve:
        return Curve(self.start, self.stop, self.value - level, self.unit)

    def minus(self, other: Curve) -> Curve:
        """The difference of two signals of the same run."""
        return Curve(self.start, self.stop, self.value - other.value, self.unit)


def constant(value: float, end: float, unit: str = "1") -> Curve:
    return Curve(np.zeros(1), np.array([end]), np.full((1, 4), value), unit)


def at(curve: Curve, times: Array) -> Array:
    """Values at `times` [min], just after whatever happens then.  NaN outside the run."""
    return sample([curve], times)[:, 0]


def sample(curves: Sequence[Curve], times: Array) -> Array:
    """(times, curves) values of curves of one run, as `at` gives them."""
    times = np.asarray(times, dtype=float)
    start, stop = curves[0].start, curves[0].stop
    step = np.clip(np.searchsorted(start, times, side="right") - 1, 0, start.size - 1)
    x = ((times - start[step]) / (stop[step] - start[step]))[:, None]
    c = np.stack([curve.value for curve in curves], axis=1)[step] @ _CUBIC.T
    value = c[..., 0] + x * (c[..., 1] + x * (c[..., 2] + x * c[..., 3]))
    return np.where(((times >= start[0]) & (times <= stop[-1]))[:, None], value, np.nan)


def highest(curve: Curve) -> tuple[float, float]:
    """(largest value, the first time at which it is reached)."""
    least, most = _range(curve.value)
    spread = most - least
    high = np.flatnonzero(most + spread >= most.max())  # a cubic rises above its thirds by less than their spread
    c, best, when = curve.value[high] @ _CUBIC.T, -np.inf, np.nan
    for step, (a, b, q, r) in zip(high, c, strict=True):
        for x in (0.0, *_turns(b, q, r), 1.0):
            value = a + x * (b + x * (q + x * r)) if 0 < x < 1 else curve.value[step, 3 * int(x)]
            if value > best:
                best, when = float(value), float(curve.start[step] + x * (curve.stop[step] - curve.start[step]))
    return best, when


def _range(value: Array) -> tuple[Array, Array]:
    """(least, most) of the four values of each step."""
    a, b, c, d = value.T
    return np.minimum(np.minimum(a, b), np.minimum(c, d)), np.maximum(np.maximum(a, b), np.maximum(c, d))


def _turns(b: float, q: float, r: float) -> list[float]:
    """Where b + 2 q x + 3 r x^2 is 0 between 0 and 1, in order."""
    inside = q * q - 3 * b * r
    if inside < 0:
        return []
    z = -(q + math.copysign(math.sqrt(inside), q))  # the stable pair of roots
    roots = [z / (3 * r) if r else math.inf, b / z if z else math.inf]
    return sorted(x for x in roots if 0 < x < 1)


def lowest(curve: Curve) -> tuple[float, float]:
    """(smallest value, the first time at which it is reached)."""
    value, time = highest(Curve(curve.start, curve.stop, -curve.value))
    return -value, time


def spans(curve: Curve) -> list[tuple[float, float]]:
    """The intervals [min] in which the curve is above 0, in order; touching ones are one."""
    least, most = _range(curve.value)
    near = np.minimum(np.abs(least), np.abs(most)) <= most - least  # a cubic may cross between values that are near 0
    steps = np.diff(curve.value, axis=1)
    bent = near & ~((steps >= 0).all(axis=1) | (steps <= 0).all(axis=1))
    mixed = bent | ((least <= 0) & (most > 0))
    edge = np.flatnonzero(np.diff(np.concatenate([[0], (~mixed & (least > 0)).astype(np.int8), [0]])))
    found = [(curve.start[i], curve.stop[j - 1]) for i, j in zip(edge[::2], edge[1::2], strict=True)]
    for step in np.flatnonzero(mixed):
        found += _inside(curve, int(step))
    merged: list[tuple[float, float]] = []
    for left, right in sorted(found):
        if merged and left <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(right, merged[-1][1]))
        else:
            merged.append((float(left), float(right)))
    return merged


def _inside(curve: Curve, step: int) -> list[tuple[float, float]]:
    """The parts of one step in which its cubic is above 0."""
    a, b, q, r = (float(x) for x in curve.value[step] @ _CUBIC.T)
    start, stop = curve.start[step], curve.stop[step]
    edges = [0.0, *_turns(b, q, r), 1.0]
    ends = [
        float(curve.value[step, 0]),
        *(a + x * (b + x * (q + x * r)) for x in edges[1:-1]),
        float(curve.value[step, 3]),
    ]
    found = []
    for (left, low), (right, high) in itertools.pairwise(zip(edges, ends, strict=True)):
        if low <= 0 and high <= 0:
            continue
        root = _root(a, b, q, r, left, right, low > 0) if (low > 0) != (high > 0) else left
        begin = left if low > 0 else root
        end = right if high > 0 else root
        found.append((start + begin * (stop - start), start + end * (stop - start) if end < 1 else stop))
    return found


def _root(a: float, b: float, q: float, r: float, left: float, right: float, falling: bool) -> float:
    """Where the cubic, monotone from left to right, passes 0: by halving, to the last digit."""
    for _ in range(60):
        x = (left + right) / 2
        if (a + x * (b + x * (q + x * r)) > 0) == falling:
            left = x
        else:
            right = x
    return right


def area(curve: Curve, start: float = 0.0, stop: float | None = None) -> float:
    """The integral from start to stop [unit * min], exact for the cubics."""
    left, width, c = _clipped(curve, start, curve.end if stop is None else stop)
    right = left + width
    total = sum(c[:, k] * (right ** (k + 1) - left ** (k + 1)) / (k + 1) for k in range(4))
    return float(np.sum(total * (curve.stop - curve.start)))


def log_slope(curve: Curve, start: float, stop: float) -> float:
    """Least-squares slope of ln(curve) from start to stop [1/min]; NaN unless it is positive throughout."""
    left, width, c = _clipped(curve, start, stop)
    keep = width > 0
    left, width, c = left[keep], width[keep], c[keep]
    x = left[:, None] + width[:, None] * (_NODES + 1) / 2
    value = c[:, :1] + x * (c[:, 1:2] + x * (c[:, 2:3] + x * c[:, 3:4]))
    if value.size == 0 or not (value > 0).all():
        return float("nan")
    span = (curve.stop - curve.start)[keep][:, None]
    time, weight = curve.start[keep][:, None] + x * span, width[:, None] * span * _WEIGHTS / 2
    time = time - np.sum(weight * time) / np.sum(weight)
    return float(np.sum(weight * time * np.log(value)) / np.sum(weight * time**2))


def _clipped(curve: Curve, start: float, stop: float) -> tuple[Array, Array, Array]:
    """(left, width) of each step's part between start and stop, on its own 0..1, and its cubic."""
    span = curve.stop - curve.start
    left = np.clip((start - curve.start) / span, 0, 1)
    right = np.clip((stop - curve.start) / span, 0, 1)
    return left, np.maximum(right - left, 0), curve.cubic
