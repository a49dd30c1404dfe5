"""What is given, when, and by what rule: the lists that the witness and the solver both land on."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

Array = np.ndarray


@dataclass(frozen=True)
class Given:
    """Something given to one pool: `amount` at once at `time` [min], and from then on `rate` [1/min] more of it."""

    time: float
    pool: int
    amount: float = 0.0
    rate: float = 0.0
    name: str = ""  # of the dose that it belongs to, so that a rule can stop it


@dataclass(frozen=True)
class Watch:
    """A condition on signals: sign * (signal - other - level) is above 0, or 0 where `equal`."""

    signal: str
    sign: int
    level: Array  # (people,)
    other: str = ""
    equal: bool = False


@dataclass(frozen=True)
class Act:
    """What a rule does each time: `size` more of `target`, and that much less `until` minutes later (0: never).

    target: the index of a pool; pools + that of a pool for its inflow; 2 * pools + that of a parameter.
    """

    target: int
    size: Array  # (people,)
    until: float = 0.0


@dataclass(frozen=True)
class Rule:
    """When a condition comes true, `acts` after `wait`, then every `repeat`, `limit` times in all; see DESIGN 4."""

    name: str
    when: Watch
    wait: Array  # (people,) [min]
    acts: tuple[Act, ...]
    repeat: float = 0.0
    limit: int = 1
    recheck: bool = False
    reset: Watch | None = None
    stops: tuple[str, ...] = ()  # names of doses and rules that it ends

    def only(self, who: Array, people: int) -> Rule:
        """The rule for some of these people."""

        def some(numbers: Array) -> Array:
            return np.broadcast_to(numbers, people)[who]

        def watch(one: Watch) -> Watch:
            return replace(one, level=some(one.level))

        acts = tuple(replace(act, size=some(act.size)) for act in self.acts)
        reset = None if self.reset is None else watch(self.reset)
        return replace(self, when=watch(self.when), wait=some(self.wait), acts=acts, reset=reset)


def dose(pool: int, time: float, amount: float, over: float = 0.0, name: str = "") -> list[Given]:
    """`amount` into `pool` from `time` on: at once, or evenly over `over` minutes."""
    if over <= 0.0:
        return [Given(time, pool, amount=amount, name=name)]
    rate = amount / over
    return [Given(time, pool, rate=rate, name=name), Given(time + over, pool, rate=-rate, name=name)]


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
