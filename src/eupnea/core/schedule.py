"""What is given, when: the one list that the witness and the solver both land on."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction


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


def common_period(periods: Iterable[float]) -> float:
    """The shortest time [min] that is a multiple of each of these periods, to a thousandth of a minute; 0 of none."""
    exact = [Fraction(round(period * 1000), 1000) for period in periods]
    if not exact:
        return 0.0
    least = math.lcm(*(period.numerator for period in exact))
    return float(Fraction(least, math.gcd(*(period.denominator for period in exact))))


def train(
    pool: int, phase: float, amount: float, over: float, every: float, period: float
) -> tuple[list[Given], list[Given]]:
    """Doses `every` so many minutes for ever, the next at `phase`: (what is given in one whole period that ends at 0,
    counted from its begin; what of an infusion is still running at 0)."""
    rate, block, rest = amount / over if over else 0.0, [], []
    for number in range(round(period / every)):
        begin = phase % every + number * every
        block += dose(pool, begin, amount, over)
        if begin + over > period:  # it runs on into the next period, and so did the last one into this
            rest = [Given(0.0, pool, rate=rate), Given(begin + over - period, pool, rate=-rate)]
            block += rest
    return block, rest
