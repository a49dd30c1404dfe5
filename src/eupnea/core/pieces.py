"""Steps that one cubic reads badly, in three pieces: those that hold a corner, and those that it swings out of.

A signal that comes to rest, as breathing does at 0, stays there; a cubic through the values of the step in which it
arrives swings below them.  Where a smooth signal turns between two of its values, it moves more slowly than before and
after, and leaves them by no more than it moves in the third before or in the third behind (an eighth of that, if it is
a parabola).  Where a cubic leaves them by more, the cubic turns and not the signal.  Then on each third one is taken
with the slopes of [fritsch1984], which rises, or falls, as the values do.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from . import cubic

Array = np.ndarray
DIGITS: Final = 2.0**-44  # of a value: what rounding alone may do


def parts(first: Array, width: Array, value: Array, bend: Array) -> tuple[Array, Array]:
    """(those steps that one cubic reads badly, their values on three pieces (., 3, 4)), in order; bend: of `bends`."""
    bent, away = np.flatnonzero(bend == 1), swung(first, width, value, np.flatnonzero(bend == 2))
    step = np.concatenate([bent, away])
    four = np.concatenate([straight(value[bent]), monotone(value[away])])
    order = np.argsort(step)
    return step[order], four[order]


def swung(first: Array, width: Array, value: Array, turning: Array) -> Array:
    """Of the steps whose cubic turns: in which it leaves two neighbouring values by more than the signal moves in the
    third before or behind.

    Those thirds may be of the steps beside, of the same person and if nothing jumps between; else they say nothing.
    """
    if not turning.size:
        return turning
    x, level = cubic.extremes(value[turning])
    row, turn = np.nonzero(x[:, 1:3] > 0)
    level, third, step = level[row, turn + 1], np.minimum((3 * x[row, turn + 1]).astype(np.int64), 2), turning[row]
    one, two = value[step, third], value[step, third + 1]
    low, high = np.minimum(one, two), np.maximum(one, two)
    out, way = np.maximum(low - level, level - high), np.where(level < low, -1, 1)
    seen = out > DIGITS * np.maximum(np.abs(low), np.abs(high))
    step, third, out, way = step[seen], third[seen], out[seen], way[seen]
    comes = way * _move(first, width, value, step, third - 1)
    goes = -way * _move(first, width, value, step, third + 1)
    return np.unique(step[out > np.maximum(np.fmin(comes, goes), 0)])


def _move(first: Array, width: Array, value: Array, step: Array, third: Array) -> Array:
    """What a signal does in a third of each step, -1 and 3 being those beside, in as much time; NaN if not known."""
    beside = np.clip(step + np.where(third < 0, -1, np.where(third > 2, 1, 0)), 0, len(value) - 1)
    inner = third % 3
    move, same = value[beside, inner + 1] - value[beside, inner], beside == step
    edge = np.where(third < 0, 0, 3)
    joined = (value[beside, 3 - edge] == value[step, edge]) & (width[beside] > 0)
    joined &= np.searchsorted(first, beside, side="right") == np.searchsorted(first, step, side="right")
    times = np.divide(width[step], width[beside], out=np.full(step.size, np.nan), where=joined & ~same)
    return np.where((third >= 0) & (third <= 2), move, times * move)


def straight(value: Array) -> Array:
    """(steps, 3, 4): straight lines between the four values."""
    low, rise = value[:, :3], np.diff(value, axis=1)
    return np.stack([low, low + rise / 3, value[:, 1:] - rise / 3, value[:, 1:]], axis=2)


def monotone(value: Array) -> Array:
    """(steps, 3, 4): cubics between the four values that only rise, or only fall."""
    rise = np.diff(value, axis=1)
    slope = np.zeros_like(value)
    pair = rise[:, :2] * rise[:, 1:]
    np.divide(2 * pair, rise[:, :2] + rise[:, 1:], out=slope[:, 1:3], where=pair > 0)
    for at, near, far in ((0, rise[:, 0], rise[:, 1]), (3, rise[:, 2], rise[:, 1])):
        free = 1.5 * near - 0.5 * far  # of the parabola through three values, where that keeps the way
        slope[:, at] = np.where(free * near > 0, np.sign(near) * np.minimum(np.abs(free), 3 * np.abs(near)), 0)
    low, left, right = value[:, :3], slope[:, :3], slope[:, 1:]
    one = low + (7 * rise + 4 * left - 2 * right) / 27
    two = low + (20 * rise + 2 * left - 4 * right) / 27
    return np.stack([low, one, two, value[:, 1:]], axis=2)


def cut(
    first: Array, start: Array, stop: Array, value: Array, bad: Array, four: Array
) -> tuple[Array, Array, Array, Array]:
    """(first, start, stop, value) of a curve with the pieces `four` in place of its steps `bad`."""
    count = np.ones(start.size, dtype=np.int64)
    count[bad] = 3
    before = np.concatenate([[0], np.cumsum(count)])
    step = np.repeat(np.arange(start.size), count)
    third, inside = np.arange(step.size) - before[step], (count == 3)[step]
    begin, width, values = start[step], (stop - start)[step], value[step]
    values[inside] = four.reshape(-1, 4)
    start = np.where(inside & (third > 0), begin + width * third / 3, begin)
    stop = np.where(inside & (third < 2), begin + width * (third + 1) / 3, stop[step])
    return before[first], start, stop, values
