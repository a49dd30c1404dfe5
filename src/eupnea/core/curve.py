"""One signal of one person over time: a cubic on every step, so that peaks, crossings and areas are found inside steps.

A dose may make a jump between the end of one step and the start of the next; the value *at* a time is the one after.
"""

from __future__ import annotations

import itertools
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
    c = curve.cubic
    places, values = [0.0, 1.0], [curve.value[:, 0], curve.value[:, 3]]
    with np.errstate(all="ignore"):
        root = np.sqrt(c[:, 2] ** 2 - 3 * c[:, 1] * c[:, 3])
        q = -(c[:, 2] + np.copysign(root, c[:, 2]))  # the stable pair of roots of the slope
        turns = [q / (3 * c[:, 3]), c[:, 1] / q]
    inside = [np.where((x > 0) & (x < 1), x, 0.0) for x in turns]
    values += [c[:, 0] + x * (c[:, 1] + x * (c[:, 2] + x * c[:, 3])) for x in inside]
    table = np.stack(values)
    which, step = np.unravel_index(np.argmax(table.T.ravel()), table.T.shape)[::-1]
    x = places[which] if which < 2 else float(inside[which - 2][step])
    return float(table[which, step]), float(curve.start[step] + x * (curve.stop[step] - curve.start[step]))


def lowest(curve: Curve) -> tuple[float, float]:
    """(smallest value, the first time at which it is reached)."""
    value, time = highest(Curve(curve.start, curve.stop, -curve.value))
    return -value, time


def spans(curve: Curve) -> list[tuple[float, float]]:
    """The intervals [min] in which the curve is above 0, in order; touching ones are one."""
    least, most = curve.value.min(axis=1), curve.value.max(axis=1)
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
    c = curve.value[step] @ _CUBIC.T
    start, stop = curve.start[step], curve.stop[step]
    roots = np.roots(np.trim_zeros(c[::-1], "f")) if np.any(c[1:]) else np.array([])
    inner = sorted(float(r.real) for r in roots if abs(r.imag) < 1e-9 and 0 < r.real < 1)
    found = []
    for left, right in itertools.pairwise([0.0, *inner, 1.0]):
        x = (left + right) / 2
        if c[0] + x * (c[1] + x * (c[2] + x * c[3])) > 0:
            found.append((start + left * (stop - start), start + right * (stop - start) if right < 1 else stop))
    return found


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
