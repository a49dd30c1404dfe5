"""Cubics on steps, each given by its values at 0, 1/3, 2/3 and 1 of the step: value (steps, 4); x runs from 0 to 1.

Each row by itself: no number depends on which other rows stand in the array.
"""

from __future__ import annotations

from typing import Final

import numpy as np

Array = np.ndarray

OVERSHOOT: Final = 0.316  # of its four values' range, by which a cubic leaves it at most: (1.6311, Lebesgue, - 1) / 2
FAINT: Final = 1e-4  # of a step's range: as small as the solver's own error
HALVINGS, LAST = 60, 2.0**-52  # of a step, until a crossing is known to the last digit


def ends(value: Array) -> tuple[Array, Array]:
    """(least, most) of the four values of each step, (steps,) each; column by column, which is ten times as fast."""
    a, b, c, d = value.T
    return np.minimum(np.minimum(a, b), np.minimum(c, d)), np.maximum(np.maximum(a, b), np.maximum(c, d))


def coefficients(value: Array) -> tuple[Array, Array, Array, Array]:
    """Of 1, x, x^2 and x^3, x from 0 to 1 over a step, from its values at thirds."""
    a = value[:, 0]
    b, c, d = value[:, 1] - a, value[:, 2] - a, value[:, 3] - a
    return a, (9 * b - 4.5 * c) + d, (18 * c - 22.5 * b) - 4.5 * d, 13.5 * (b - c) + 4.5 * d


def level(value: Array, x: Array) -> Array:
    """(steps,) the cubics at x, from 0 to 1."""
    a, b, q, r = coefficients(value)
    return a + x * (b + x * (q + x * r))


def extremes(value: Array) -> tuple[Array, Array]:
    """(steps, 4) each: 0, the turns within, and 1, in order, and the values there.  A turn that is none is at 0."""
    a, b, q, r = coefficients(value)
    first, second = _turns(b, q, r)
    x = np.stack([np.zeros_like(a), first, second, np.ones_like(a)], axis=1)
    level = a[:, None] + x * (b[:, None] + x * (q[:, None] + x * r[:, None]))
    level[:, 0], level[:, 3] = value[:, 0], value[:, 3]
    return x, np.where(x > 0, level, value[:, :1])


def _turns(b: Array, q: Array, r: Array) -> tuple[Array, Array]:
    """Where b + 2 q x + 3 r x^2 is 0 between 0 and 1, the earlier and the later; 0 in place of one that is none."""
    with np.errstate(all="ignore"):
        size = np.maximum(np.maximum(np.abs(b), np.abs(q)), np.abs(r))  # so that no square is too small or too large
        b, q, r = b / size, q / size, r / size
        z = -(q + np.copysign(np.sqrt(q * q - 3 * b * r), q))  # the stable pair of roots
        pair = [np.where((x > 0) & (x < 1), x, 0.0) for x in (z / (3 * r), b / z)]
    return np.minimum(*pair), np.maximum(*pair)


def without_faint_turns(value: Array, level: Array, faint: float = FAINT) -> Array:
    """The levels, but for turns by which a cubic whose four values only rise, or only fall, hardly leaves their range.

    Such a turn is one of the cubic, not of the signal: where two signals part very slowly, as behind a dose of which
    neither has seen anything yet, it would make a crossing of nothing.
    """
    steps, ends = np.diff(value, axis=1), np.sort(value[:, [0, 3]], axis=1)
    even = np.logical_or((steps >= 0).all(axis=1), (steps <= 0).all(axis=1))[:, None]
    inside = np.clip(level, ends[:, :1], ends[:, 1:])
    return np.where(even & (np.abs(level - inside) < faint * (ends[:, 1:] - ends[:, :1])), inside, level)


def roots(value: Array, left: Array, right: Array, falling: Array) -> Array:
    """Where cubics, monotone from left to right, pass 0: by Newton's steps, or halving where they do not gain on it."""
    a, b, q, r = coefficients(value)
    digit = LAST * (np.abs(a) + np.abs(b) + np.abs(q) + np.abs(r))  # what rounding makes of a 0
    x, moved = (left + right) / 2, right - left
    for _ in range(HALVINGS):
        level, slope = a + x * (b + x * (q + x * r)), b + x * (2 * q + 3 * r * x)
        before = (level > 0) == falling
        left, right = np.where(before, x, left), np.where(before, right, x)
        with np.errstate(all="ignore"):
            step = level / slope
        good = (x - step >= left) & (x - step <= right) & (np.abs(step) < moved / 2)
        going = (np.abs(level) > digit) & (moved > LAST)  # who has arrived stays, whoever is still on the way
        if not going.any():
            break
        new = np.where(going, np.where(good, x - step, (left + right) / 2), x)
        moved, x = np.abs(new - x), new
    return x
