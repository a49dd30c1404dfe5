"""What a scenario says, as plain frozen records.  Times in min, quantities in their own units, names checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from eupnea.values import Choice, Distribution

_NONE: Final[Mapping[str, Any]] = MappingProxyType({})
SEED: Final = 1  # when a scenario names none
POINTS: Final = 400  # of a time course, when a scenario does not say


@dataclass(frozen=True)
class Dose:
    """One dose, or a train of them.  `amount.unit` is mg, mg/kg, nmol or nmol/kg of the form that the label names."""

    drug: str
    route: str
    amount: Distribution
    form: str  # always filled in; amounts in nmol are of the drug itself whatever the form
    time: float = 0.0
    name: str = ""
    purity: float = 1.0
    over: float = 0.0  # 0: a bolus
    every: float = 0.0  # 0: once
    count: int = 1  # doses in all
    steady: bool = False  # `every` has been going on for ever
    product: str = ""


@dataclass(frozen=True)
class Table:
    """People one by one: column -> a value for each of them, in the column's own unit (`units`)."""

    file: str
    rows: int
    columns: Mapping[str, tuple[float, ...] | tuple[str, ...]]
    units: Mapping[str, str]


@dataclass(frozen=True)
class People:
    """Who takes part.  `typical`: one person, everything at its typical value ([person])."""

    typical: bool = True
    count: int = 1
    seed: int = SEED
    vary: bool = False  # quantities that nothing is said of differ between people
    quantities: Mapping[str, Distribution | Choice] = field(default_factory=lambda: _NONE)
    table: Table | None = None


@dataclass(frozen=True)
class Arm:
    """The same people; `without` and `only` name doses.  `set` holds this arm's own values over the scenario's."""

    name: str = "all"
    without: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None
    set: Mapping[str, float] = field(default_factory=lambda: _NONE)

    def has(self, dose: Dose) -> bool:
        """Whether a dose is given in this arm; one without a name always is."""
        if not dose.name:
            return True
        return dose.name not in self.without and (self.only is None or dose.name in self.only)


@dataclass(frozen=True)
class Output:
    """Which time courses are written.  No signals named: the default ones."""

    every: float | None = None
    times: tuple[float, ...] | None = None
    signals: tuple[str, ...] = ()
    people: int = 0

    def grid(self, duration: float, doses: tuple[Dose, ...] = ()) -> tuple[float, ...]:
        """The times [min] at which curves are written.  Unless said, half are even and half crowd after doses."""
        if self.times is not None:
            return self.times
        if self.every is not None:
            steps = int(duration / self.every * (1 + 1e-12))
            return tuple(min(k * self.every, duration) for k in range(steps + 1))
        crowded = _after(_events(doses, duration), duration, POINTS // 2)
        even = POINTS - len(crowded)
        return tuple(sorted(crowded | {duration * k / (even - 1) for k in range(even)}))


def _events(doses: tuple[Dose, ...], duration: float) -> list[float]:
    """When doses begin and infusions end, the first sixteen of them."""
    times: set[float] = set()
    for dose in doses:
        for number in range(min(dose.count if dose.every else 1, 16)):
            start = dose.time + number * dose.every
            times |= {start, start + dose.over}
    return sorted(time for time in times if time < duration)[:16]


def _after(events: list[float], duration: float, points: int) -> set[float]:
    """Times that lie ever further behind each event, from one second on."""
    found: set[float] = set()
    for position, event in enumerate(events):
        span = (events[position + 1] if position + 1 < len(events) else duration) - event
        each = points // len(events)
        first = min(1 / 60, span / 2)
        found |= {event + first * (span / first) ** (k / each) for k in range(each)}
    return {time for time in found if 0 < time < duration}
