"""Which steps of a curve one cubic may read badly: it is asked of every step of every signal, and so compiled.

Written in the dialect of `core/translate.py`, and compiled with the loop.
"""

# mypy: ignore-errors
# ruff: noqa: F821
from __future__ import annotations

CORNER = 0.5  # of a step's range: a third difference above it is a corner, or a jump, inside the step


def bends(value, steps, kind) -> int:
    """kind[k]: 1 where step k holds a corner, through which its cubic swings; 2 where the cubic turns; else 0.

    value: four numbers a step.  An exponential over three time constants has a third difference of a quarter of its
    range, x^4 of 0.44.
    """
    for k in range(steps):
        at = 4 * k
        v0, v1, v2, v3 = value[at], value[at + 1], value[at + 2], value[at + 3]
        third = size((v3 - v0) - 3.0 * (v2 - v1))
        spread = max(max(v0, v1), max(v2, v3)) - min(min(v0, v1), min(v2, v3))
        kind[k] = 1 if third > CORNER * spread else 2 if _turns(v1 - v0, v2 - v0, v3 - v0) else 0
    return 0


def _turns(b, c, d) -> bool:
    """Whether b1 + 2 b2 x + 3 b3 x^2, the slope of the cubic through 0, b, c, d, changes its sign from 0 to 1."""
    b1, b2, b3 = (9.0 * b - 4.5 * c) + d, (18.0 * c - 22.5 * b) - 4.5 * d, 13.5 * (b - c) + 4.5 * d
    vertex = 0.0 - b2 if b3 > 0.0 else b2  # times 3 |b3|
    twice = b1 * b3 > 0.0 and vertex > 0.0 and vertex < 3.0 * size(b3) and b2 * b2 > 3.0 * b1 * b3
    return b1 * ((b1 + 2.0 * b2) + 3.0 * b3) < 0.0 or twice
