"""Which pools can ever hold anything, given which are filled: the others stay 0 and need not be solved.

What an event may assign counts as filled, unless it assigns 0 or its value can never rise through 0.

The equations are run on marks instead of numbers: a mark says whether a value may differ from 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from .compose import System, assign, evaluate, start


class Mark:
    """A value of which only this is known: whether it may differ from 0."""

    __slots__ = ("may",)
    __array_priority__ = 1000

    def __init__(self, may: bool) -> None:
        self.may = may

    def _or(self, other: Any) -> Mark:
        return Mark(self.may or may(other))

    def _and(self, other: Any) -> Mark:
        return Mark(self.may and may(other))

    def _numerator(self, other: Any) -> Mark:
        return Mark(self.may)

    def _other(self, other: Any) -> Mark:
        return Mark(may(other))

    def _any(self, other: Any = None) -> Mark:
        return Mark(True)

    __add__ = __radd__ = __sub__ = __rsub__ = _or
    __mul__ = __rmul__ = _and
    __truediv__ = __pow__ = _numerator  # 0 ** n is 0 for the exponents of equations, which are above 0
    __rtruediv__ = __rpow__ = _other
    __lt__ = __le__ = __gt__ = __ge__ = _any

    def __neg__(self) -> Mark:
        return self

    def __array_ufunc__(self, ufunc: Any, method: str, *operands: Any, **options: Any) -> Mark:
        marks = [may(operand) for operand in operands]
        if ufunc in (np.add, np.subtract, np.minimum, np.maximum, np.negative, np.sqrt):
            return Mark(any(marks))
        if ufunc is np.multiply:
            return Mark(all(marks))
        return Mark(marks[0]) if ufunc in (np.divide, np.power) else Mark(True)

    def __array_function__(self, function: Any, types: Any, operands: Any, options: Any) -> Mark:
        return Mark(any(may(operand) for operand in operands[1:])) if function is np.where else Mark(True)


def may(value: Any) -> bool:
    return value.may if isinstance(value, Mark) else value != 0


def silent(system: System, filled: Iterable[int] = ()) -> list[str]:
    """Signals and pools that stay 0 as long as nothing is given but into these pools."""
    live = _live(system, filled)
    known = evaluate(system, Mark(True), [Mark(flag) for flag in live], [Mark(True)] * len(system.parameters))[1]
    pools = [name for name, flag in zip(system.pools, live, strict=True) if not flag]
    return [name for name, value in known.items() if not may(value)] + pools


def _live(system: System, filled: Iterable[int]) -> list[bool]:
    """Of every pool, whether it may differ from 0 when these are given something."""
    p = [Mark(True)] * len(system.parameters)
    live = [may(value) for value in start(system, p)]
    for pool in filled:
        live[pool] = True
    while True:
        y = [Mark(flag) for flag in live]
        rates, _, crossings = evaluate(system, Mark(True), y, p)
        more = [flag or may(rate) for flag, rate in zip(live, rates, strict=True)]
        if more == live:  # nothing flows any further; events are asked last, for each of them runs all equations
            for event in (name for name, value in crossings.items() if may(value)):
                for pool, value in assign(system, event, Mark(True), y, p).items():
                    more[pool] |= may(value)
            if more == live:
                return live
        live = more


def reached(system: System, filled: Iterable[int]) -> System:
    """The same system without the pools that stay 0 when only these are given anything."""
    live = _live(system, filled)
    kept = [index for index, flag in enumerate(live) if flag]
    place = {old: new for new, old in enumerate(kept)}
    return replace(
        system,
        pools=tuple(system.pools[i] for i in kept),
        units=tuple(system.units[i] for i in kept),
        heard=tuple(name for name in system.heard if name not in system.pools or live[system.pool(name)]),
        idle=tuple(name for name, flag in zip(system.pools, live, strict=True) if not flag),
        doses={key: place[pool] for key, pool in system.doses.items() if pool in place},
        families={family: tuple(place[i] for i in pools if i in place) for family, pools in system.families.items()},
    )
