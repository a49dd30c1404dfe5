"""Where a model is looked at to learn which of its numbers matter, and what its answers then say.  Knows no model.

Numbers are standard normal z; factors are groups of their columns that move together, mostly of one number each.

Screening: from some base points every factor alone takes one step of half its distribution; the mean size of what that
does is mu*, its spread sigma.  [morris1991; campolongo2007]  Then the shares of the variance: of a factor alone
(first order) and with all that it does together with others (total), from two independent samples A and B, and A with
the factor's columns from B.  [saltelli2010, table 2 (b) and (f); jansen1999]  A and B are Latin hypercubes [mckay1979].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np

from eupnea.core import stream

Array = np.ndarray
Factors = Sequence[Sequence[int]]  # the columns of each
LEVELS: Final = tuple(NormalDist().inv_cdf(share) for share in (0.125, 0.375, 0.625, 0.875))  # evenly likely
STEP: Final = LEVELS[2] - LEVELS[0]  # also LEVELS[3] - LEVELS[1]: a step is as long from wherever it begins
AGAIN: Final = 400  # resamples, for an interval
LEVEL: Final = (0.025, 0.975)


@dataclass(frozen=True)
class Shares:
    """Of the variance of one answer: (factors,) each, with 95 % intervals (2, factors)."""

    first: Array
    first_interval: Array
    total: Array
    total_interval: Array


# --- screening ------------------------------------------------------------------------------------------------------


def steps(names: Sequence[str], factors: Factors, seed: int, bases: int) -> tuple[Array, Array]:
    """(z (bases * (factors + 1), numbers), signs (bases, factors)): each base point, then each factor's step from it.

    A sign says which way a factor of one number stepped.
    """
    level = np.stack([_shuffled(seed, f"screening.{name}", bases) * 4 // bases for name in names], axis=1)
    at = np.array(LEVELS)
    z = np.repeat(at[level][:, None, :], len(factors) + 1, axis=1)
    other = at[(level + 2) % 4]
    for k, columns in enumerate(factors):
        z[:, k + 1, list(columns)] = other[:, list(columns)]
    signs = np.stack([np.where(level[:, columns[0]] < 2, 1, -1) for columns in factors], axis=1)
    return z.reshape(-1, len(names)), signs


def effects(answers: Array, signs: Array) -> tuple[Array, Array, Array]:
    """(mu*, sigma, mean square) by factor of answers at the points of `steps`, for a step of one standard deviation.

    A step from or to where there is no answer is left out.
    """
    table = answers.reshape(len(signs), -1)
    each = signs * (table[:, 1:] - table[:, :1]) / STEP
    there = np.isfinite(each)
    count = np.maximum(there.sum(axis=0), 1)
    each = np.where(there, each, 0.0)
    mean = each.sum(axis=0) / count
    spread = np.where(there, (each - mean) ** 2, 0.0).sum(axis=0) / np.maximum(count - 1, 1)
    return np.abs(each).sum(axis=0) / count, np.sqrt(spread), (each**2).sum(axis=0) / count


# --- shares of the variance -----------------------------------------------------------------------------------------


def pairs(names: Sequence[str], factors: Factors, seed: int, count: int) -> Array:
    """z ((factors + 2) * count, numbers): the samples A and B, then A with each factor's columns from B."""
    a, b = (np.stack([_latin(seed, f"{s}.{name}", count) for name in names], axis=1) for s in ("a", "b"))
    mixed = []
    for columns in factors:
        both = a.copy()
        both[:, list(columns)] = b[:, list(columns)]
        mixed.append(both)
    return np.concatenate([a, b, *mixed])


def shares(answers: Array, factors: int, seed: int) -> Shares:
    """Shares of the variance of answers at the points of `pairs`; what has no answer is left out, factor by factor."""
    a, b, *rest = answers.reshape(factors + 2, -1)
    mixed, count = np.stack(rest, axis=1), a.size
    draws = stream.uniform(seed, "sensitivity.again", np.arange(AGAIN * count)).reshape(AGAIN, count)
    again = [np.bincount((row * count).astype(int), minlength=count) for row in draws]
    weights = np.concatenate([np.ones((1, count)), np.stack(again)])  # the sample itself comes first
    first, total = _indices(a, b, mixed, weights)
    intervals = (np.nanquantile(found[1:], LEVEL, axis=0) for found in (first, total))
    return Shares(first[0], next(intervals), total[0], next(intervals))


def _indices(a: Array, b: Array, mixed: Array, weights: Array) -> tuple[Array, Array]:
    """First-order and total indices, (resamples, factors), each person counted `weights` (resamples, count) times."""
    middle = np.nanmean(np.concatenate([a, b]))
    a, b, mixed = a - middle, b - middle, mixed - middle  # smaller numbers: a smaller error of the estimate
    variance = _variance(a, b, weights)[:, None]
    variance = np.where(variance > 0, variance, np.nan)  # a resample may miss the only draws that differ
    difference = mixed - a[:, None]
    first = _mean(b[:, None] * difference, weights) / variance
    total = _mean(difference**2, weights) / (2 * variance)
    return first, total


def _variance(a: Array, b: Array, weights: Array) -> Array:
    both, twice = np.concatenate([a, b])[:, None], np.concatenate([weights, weights], axis=1)
    return (_mean(both**2, twice) - _mean(both, twice) ** 2)[:, 0]


def _mean(values: Array, weights: Array) -> Array:
    """(resamples, columns) weighted means of what is there."""
    there = np.isfinite(values)
    return weights @ np.where(there, values, 0.0) / np.maximum(weights @ there, 1)


def _shuffled(seed: int, name: str, count: int) -> Array:
    return np.argsort(stream.uniform(seed, f"sensitivity.{name}.order", np.arange(count)), kind="stable")


def _latin(seed: int, name: str, count: int) -> Array:
    """A standard normal sample, one in each of `count` equally likely intervals, in any order."""
    share = (_shuffled(seed, name, count) + stream.uniform(seed, f"sensitivity.{name}", np.arange(count))) / count
    normal = NormalDist()
    return np.array([normal.inv_cdf(u) for u in share])
