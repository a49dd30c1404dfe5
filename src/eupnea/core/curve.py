"""One signal of many people over time: a cubic on every step, so that peaks and crossings are found inside steps.

A dose may make a jump between the end of one step and the start of the next; the value *at* a time is the one after.
All is done for everybody at once, on arrays, and a person's numbers are the same bits whoever stands beside: only
operations on single elements, greatest values, and sums in the order of the steps (`numpy.bincount` adds one by one).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from . import cubic, pieces
from .machine import bends

Array = np.ndarray

_TWO = (np.polynomial.legendre.leggauss(2)[0] + 1) / 2  # nodes and weights on 0 to 1
_NODES, _WEIGHTS = ((np.polynomial.legendre.leggauss(4)[0] + 1) / 2, np.polynomial.legendre.leggauss(4)[1] / 2)


@dataclass(frozen=True)
class Curve:
    """first (people + 1,): the steps of person i, from 0, are first[i] to first[i + 1], in order and without a gap;
    start, stop (steps,) [min]; value (steps, 4) at 0, 1/3, 2/3 and 1 of each step; unit of the value."""

    first: Array
    start: Array
    stop: Array
    value: Array
    unit: str = "1"

    @property
    def people(self) -> int:
        return len(self.first) - 1

    @property
    def end(self) -> Array:
        """(people,) when each one's run ends [min]; NaN for one without a step."""
        there = np.diff(self.first) > 0
        found = np.full(self.people, np.nan)
        found[there] = self.stop[self.first[1:][there] - 1]
        return found

    def at_last(self, number: Array) -> Array:
        """(people,) what (steps,) a number is on each one's last step; NaN for one without a step."""
        found = np.full(self.people, np.nan)
        there = np.diff(self.first) > 0
        found[there] = number[self.first[1:][there] - 1]
        return found

    @functools.cached_property
    def person(self) -> Array:
        """(steps,) whose each step is, from 0."""
        return np.repeat(np.arange(self.people), np.diff(self.first))

    @functools.cached_property
    def seen(self) -> tuple[Array, Array]:
        """(least, most) of the four values of each step, (steps,) each."""
        return cubic.ends(self.value)

    @functools.cached_property
    def bend(self) -> Array:
        """(steps,) 1 where a step holds a corner, 2 where its cubic turns, else 0."""
        return bends(self.value)

    @functools.cached_property
    def parts(self) -> tuple[Array, Array]:
        """(those steps that one cubic reads badly, their values on three pieces (., 3, 4)), in order."""
        return pieces.parts(self.first, self.stop - self.start, self.value, self.bend)

    @functools.cached_property
    def even(self) -> Curve:
        """The same with three steps in place of each that one cubic reads badly."""
        bad, four = self.parts
        if not bad.size:
            return self
        return Curve(*pieces.cut(self.first, self.start, self.stop, self.value, bad, four), self.unit)

    @functools.cached_property
    def bounds(self) -> tuple[Array, Array]:
        """(least, most) that each step's cubic can reach, (steps,) each; not sharp, but never too narrow."""
        low, high = self.seen
        more = cubic.OVERSHOOT * (high - low)
        return low - more, high + more

    def of(self, value: Array) -> Curve:
        """Other values on the same steps."""
        return replace(self, value=value)

    def __neg__(self) -> Curve:
        return self.of(-self.value)

    def __sub__(self, level: float | Array) -> Curve:
        """Above a level: one, or (people,) each one's own."""
        return self.of(self.value - (self.each(level)[:, None] if np.ndim(level) else level))

    def each(self, number: float | Array) -> Array:
        """(steps,) of a number, or of (people,) each one's own, for every step."""
        return np.repeat(np.broadcast_to(np.asarray(number, dtype=float), self.people), np.diff(self.first))


def constant(value: float, end: float, unit: str = "1") -> Curve:
    """One person's curve that never moves."""
    return Curve(np.array([0, 1]), np.zeros(1), np.array([end]), np.full((1, 4), value), unit)


# --- values at times -----------------------------------------------------------------------------------------------


def at(curve: Curve, times: Array | Sequence[float]) -> Array:
    """(people, times): values at `times` [min], just after whatever happens then.  NaN outside a person's run."""
    return sample([curve], times)[0]


def sample(curves: Sequence[Curve], times: Array | Sequence[float]) -> Array:
    """(curves, people, times): values of curves of one run, as `at` gives them."""
    times = np.asarray(times, dtype=float)
    step, x, inside = _places(curves[0], times)
    found = np.full((len(curves), *inside.shape), np.nan)
    if step.size == 0:
        return found
    u = 3 * x
    outer, inner = u * (u - 3) / 2, (u - 1) * (u - 2) / 6
    weight = np.stack([inner * (3 - u), outer * (u - 2), -outer * (u - 1), inner * u], axis=1)  # Lagrange's
    four, whole = np.empty_like(weight), inside.all()
    for place, curve in zip(found, curves, strict=True):
        np.take(curve.value, step, axis=0, out=four, mode="clip")  # no step is beyond the last
        base = four[:, 0].copy()  # so that what is constant stays so to the bit
        np.subtract(four, base[:, None], out=four)
        np.multiply(four, weight, out=four)
        level = place.reshape(-1) if whole else np.empty(step.size)
        np.add(base, four[:, 1], out=level)
        level += four[:, 2]
        level += four[:, 3]
        bad, parts = curve.parts
        if bad.size:
            place_of = np.full(curve.start.size, -1)
            place_of[bad] = np.arange(bad.size)
            where = place_of[step]
            on = np.flatnonzero(where >= 0)
            third = np.minimum(u[on].astype(np.int64), 2)
            level[on] = cubic.level(parts[where[on], third], u[on] - third)
        if not whole:
            place[inside] = level
    return found


def _places(curve: Curve, times: Array) -> tuple[Array, Array, Array]:
    """(step, where on it from 0 to 1, (people, times) whether within the run): the first two for those within."""
    order = np.argsort(times, kind="stable")
    ahead = np.searchsorted(times[order], curve.start, side="left")  # how many times are before a step
    slots = times.size + 1
    begun = np.bincount(curve.person * slots + ahead, minlength=curve.people * slots).reshape(curve.people, slots)
    begun = np.cumsum(begun, axis=1)[:, : times.size]  # steps begun at each time
    if (np.diff(order) != 1).any():
        begun = begun[:, np.argsort(order)]
    inside = (begun > 0) & (times <= curve.end[:, None])
    step, time = curve.first[:-1, None] - 1 + begun, np.broadcast_to(times, inside.shape)
    step, time = (step.ravel(), time.ravel()) if inside.all() else (step[inside], time[inside])
    left, right = np.take(curve.start, step), np.take(curve.stop, step)
    return step, np.divide(time - left, right - left, out=np.zeros_like(left), where=right > left), inside


# --- peaks ---------------------------------------------------------------------------------------------------------


def highest(curve: Curve) -> tuple[Array, Array]:
    """(people,) the largest value, and the first time at which it is reached; NaN where there is none."""
    curve = curve.even
    value, time = np.full(curve.people, np.nan), np.full(curve.people, np.nan)
    there = np.flatnonzero(np.diff(curve.first))
    if there.size == 0:
        return value, time
    near = _near_the_top(curve, there)
    x, level = cubic.extremes(curve.value[near])
    level = cubic.without_faint_turns(curve.value[near], level, cubic.LAST * 16)  # a turn of rounding alone
    best = np.argmax(level, axis=1)  # the first of like ones
    rows = np.arange(near.size)
    level, when = level[rows, best], curve.start[near] + x[rows, best] * (curve.stop[near] - curve.start[near])
    who = curve.person[near]
    begin = np.flatnonzero(np.diff(who, prepend=-1))  # the first row of each person
    if begin.size:
        most = np.maximum.reduceat(level, begin)
        first = np.flatnonzero(level == np.repeat(most, np.diff(begin, append=who.size)))
        first = first[np.flatnonzero(np.diff(who[first], prepend=-1))]
        value[who[first]], time[who[first]] = level[first], when[first]
    return value, time


def _near_the_top(curve: Curve, there: Array) -> Array:
    """The steps on which people (those with steps: `there`) may have their highest value, in order."""
    most = np.repeat(np.maximum.reduceat(curve.seen[1], curve.first[there]), np.diff(curve.first)[there])
    level = np.flatnonzero(curve.seen[1] == most)  # none of one with a NaN
    level = level[np.flatnonzero(np.diff(curve.person[level], prepend=-1))]  # of a level stretch its begin will do
    return np.union1d(level, np.flatnonzero(curve.bounds[1] > most))


def lowest(curve: Curve) -> tuple[Array, Array]:
    """(people,) the smallest value, and the first time at which it is reached."""
    value, time = highest(-curve)
    return -value, time


# --- when it is above 0 --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spans:
    """Intervals [min], ordered by person and time: whose, from 0, where it begins, where it ends."""

    person: Array
    left: Array
    right: Array
    known: Array  # (people,) False for one without steps or with a value that is no number


def spans(curve: Curve, level: float | Array = 0.0) -> Spans:
    """The intervals in which the curve is above a level, or (people,) each one's own; touching ones are one."""
    curve = curve.even
    (least, most), who, above = curve.bounds, curve.person, curve.each(level)
    whole = least > above
    mixed = np.flatnonzero(~whole & (most > above))
    change = who[1:] != who[:-1]
    begin = np.flatnonzero(whole & np.concatenate([[True], ~whole[:-1] | change])[: who.size])
    end = np.flatnonzero(whole & np.concatenate([~whole[1:] | change, [True]])[-who.size :]) if who.size else begin
    step, left, right = _inside(curve, mixed, above[mixed])
    order = np.argsort(np.concatenate([begin, step]), kind="stable")
    left = np.concatenate([curve.start[begin], left])[order]
    right = np.concatenate([curve.stop[end], right])[order]
    owner = who[np.concatenate([begin, step])[order]]
    known = np.diff(curve.first) > 0
    known[who[np.isnan(least)]] = False
    if owner.size == 0:
        return Spans(owner, left, right, known)
    apart = np.concatenate([[True], (owner[1:] != owner[:-1]) | (left[1:] > right[:-1])])
    begin = np.flatnonzero(apart)
    return Spans(owner[begin], left[begin], right[np.append(begin[1:], owner.size) - 1], known)


def _inside(curve: Curve, steps: Array, above: Array) -> tuple[Array, Array, Array]:
    """(step, left, right) of the parts of some steps in which their cubic is above a level, in order."""
    value = curve.value[steps] - above[:, None]
    x, level = cubic.extremes(value)
    level = cubic.without_faint_turns(value, level)
    low, high, left, right = level[:, :-1] > 0, level[:, 1:] > 0, x[:, :-1].copy(), x[:, 1:].copy()
    right = np.maximum(left, right)
    row, part = np.nonzero((low != high) & (right > left))
    root = cubic.roots(value[row], left[row, part], right[row, part], low[row, part])
    rising = ~low[row, part]
    left[row[rising], part[rising]] = root[rising]
    right[row[~rising], part[~rising]] = root[~rising]
    row, part = np.nonzero((low | high) & (right > left))
    step, begin, end = steps[row], left[row, part], right[row, part]
    start, stop = curve.start[step], curve.stop[step]
    return step, start + begin * (stop - start), np.where(end < 1, start + end * (stop - start), stop)


# --- areas and slopes ----------------------------------------------------------------------------------------------


def area(curve: Curve, start: float | Array = 0.0, stop: float | Array = np.inf) -> Array:
    """(people,) the integral from start to stop [unit * min], exact for the cubics.  NaN for one without a step."""
    curve = curve.even
    v, width, (inside, low, high) = curve.value, curve.stop - curve.start, _window(curve, start, stop)
    total = width / 8 * ((v[:, 0] + v[:, 3]) + 3 * (v[:, 1] + v[:, 2]))
    total[~inside] = 0
    part = np.flatnonzero(inside & ((curve.start < low) | (curve.stop > high)))
    (a, b, q, r), (left, reach) = cubic.coefficients(v[part]), _clipped(curve, part, low, high)
    pair = [left + reach * node for node in _TWO]  # Gauss-Legendre, exact for a cubic
    one, two = (a + x * (b + x * (q + x * r)) for x in pair)
    total[part] = width[part] * reach * (one + two) / 2
    found = np.bincount(curve.person, total, curve.people)
    return np.where(np.diff(curve.first) > 0, found, np.nan)


def log_slope(curve: Curve, start: float | Array, stop: float | Array) -> Array:
    """(people,) least-squares slope of ln(curve) from start to stop [1/min]; NaN unless it is positive throughout."""
    curve = curve.even
    inside, low, high = _window(curve, start, stop)
    step = np.flatnonzero(inside)
    (a, b, q, r), (left, reach) = (
        cubic.coefficients(np.take(curve.value, step, axis=0)),
        _clipped(curve, step, low, high),
    )
    begin, width, person = curve.start[step], curve.stop[step] - curve.start[step], curve.person[step]
    nodes = []
    for node, share in zip(_NODES, _WEIGHTS, strict=True):
        x = left + reach * node
        nodes.append((begin + x * width, reach * width * share, a + x * (b + x * (q + x * r))))
    time, weight, level = (np.stack(rows, axis=1).ravel() for rows in zip(*nodes, strict=True))
    who, people = np.repeat(person, len(_NODES)), curve.people
    with np.errstate(all="ignore"):
        middle = np.bincount(who, weight * time, people) / np.bincount(who, weight, people)
        time = time - middle[who]
        slope = np.bincount(who, weight * time * np.log(level), people) / np.bincount(who, weight * time**2, people)
    slope[who[~(level > 0)]] = np.nan
    return slope


def _window(curve: Curve, start: float | Array, stop: float | Array) -> tuple[Array, Array, Array]:
    """(steps,) each: whether a part of it is between start and stop [min], and start and stop of its person."""
    low, high = curve.each(start), curve.each(stop)
    return (curve.stop > low) & (curve.start < high) & (curve.stop > curve.start) & (low < high), low, high


def _clipped(curve: Curve, steps: Array, low: Array, high: Array) -> tuple[Array, Array]:
    """(where on it, from 0 to 1, each step's part between low and high begins, how far it reaches)."""
    begin, end, low, high = (array[steps] for array in (curve.start, curve.stop, low, high))
    left = (np.maximum(low, begin) - begin) / (end - begin)
    return left, (np.minimum(high, end) - begin) / (end - begin) - left
