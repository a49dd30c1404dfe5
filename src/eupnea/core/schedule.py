"""What is given, when: the one list that the witness and the solver both land on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Given:
    """Something given to one pool: `amount` at once at `time` [min], and from then on `rate` [1/min] more of it."""

    time: float
    pool: int
    amount: float = 0.0
    rate: float = 0.0


def dose(pool: int, time: float, amount: float, over: float = 0.0) -> list[Given]:
    """`amount` into `pool` from `time` on: at once, or evenly over `over` minutes."""
    if over <= 0.0:
        return [Given(time, pool, amount=amount)]
    rate = amount / over
    return [Given(time, pool, rate=rate), Given(time + over, pool, rate=-rate)]
