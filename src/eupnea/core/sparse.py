"""Gaussian elimination of a fixed sparse pattern: what is done in which order, for `core/algebra.py` to write out.

Pivots are taken on the diagonal in an order of least degree: the matrices here are I/(h gamma) - J of systems that
move substance, whose columns are diagonally dominant.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Elimination:
    """Where each entry goes, and what is done in which order.  All arrays are int64."""

    size: int  # entries of the matrix with its fill
    diagonal: np.ndarray  # (n,) place of each diagonal entry
    places: np.ndarray  # (entries,) place of each entry of the Jacobian
    factor: np.ndarray  # (steps, 3): (target, left, right) target -= left * right; right = -1: target *= left;
    #                     left = -1: target = 1 / target, a pivot, which is only multiplied with from then on
    forward: np.ndarray  # (steps, 3): (row, column, place) b[row] -= place * b[column]
    backward: np.ndarray  # (steps, 3): the same; column = -1: b[row] *= place


def eliminate(size: int, entries: Iterable[tuple[int, int]]) -> Elimination:
    """The elimination of a `size` x `size` matrix with these (row, column) entries and a full diagonal."""
    entries = [(int(i), int(j)) for i, j in entries]
    filled = {(i, i) for i in range(size)} | set(entries)
    order = _least_degree(size, filled)
    rank = {pivot: k for k, pivot in enumerate(order)}
    steps: list[tuple[tuple[int, int], tuple[int, int] | None, tuple[int, int] | None]] = []
    for k in order:
        steps.append(((k, k), None, None))
        below = sorted(i for i, j in filled if j == k and rank[i] > rank[k])
        right = sorted(j for i, j in filled if i == k and rank[j] > rank[k])
        for i in below:
            steps.append(((i, k), (k, k), None))
            for j in right:
                filled.add((i, j))
                steps.append(((i, j), (i, k), (k, j)))
    place = {entry: number for number, entry in enumerate(sorted(filled))}
    forward = [(i, k, place[i, k]) for k in order for i in order if (i, k) in filled and rank[i] > rank[k]]
    backward = []
    for i in reversed(order):
        backward += [(i, j, place[i, j]) for j in order if (i, j) in filled and rank[j] > rank[i]]
        backward.append((i, -1, place[i, i]))

    def array(rows: list[tuple[int, int, int]]) -> np.ndarray:
        return np.array(rows, dtype=np.int64).reshape(-1, 3)

    return Elimination(
        size=len(place),
        diagonal=np.array([place[i, i] for i in range(size)], dtype=np.int64),
        places=np.array([place[entry] for entry in entries], dtype=np.int64),
        factor=array([(place[t], place[a] if a else -1, place[b] if b else -1) for t, a, b in steps]),
        forward=array(forward),
        backward=array(backward),
    )


def _least_degree(size: int, filled: set[tuple[int, int]]) -> list[int]:
    """Each time the row and column that would fill least; ties go to the earlier pool."""
    neighbours = [{j for i, j in filled if i == k} | {i for i, j in filled if j == k} for k in range(size)]
    for k in range(size):
        neighbours[k].discard(k)
    left, order = set(range(size)), []
    while left:
        pivot = min(left, key=lambda k: (len(neighbours[k]), k))
        left.remove(pivot)
        order.append(pivot)
        for other in neighbours[pivot]:
            neighbours[other] |= neighbours[pivot]
            neighbours[other] -= {other, pivot}
    return order
