"""What a scenario says, as plain frozen records.  Times in min, quantities in their own units, names checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from eupnea.language import Condition
from eupnea.values import Choice, Distribution

_NONE: Final[Mapping[str, Any]] = MappingProxyType({})
MODEL: Final = "eupnea"  # when a scenario names none
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
class Rule:
    """Something that is done when a condition comes true: `give` at once, or `do` it to `what`."""

    name: str  # no other rule or dose has it; its random numbers bear it
    when: Condition
    wait: Distribution  # from then to the first act
    give: Dose | None = None  # its time says nothing; its name is the rule's
    do: str = ""  # "stop" or a treatment, or nothing with `give`
    what: tuple[str, ...] = ()  # names of the doses and rules that are stopped
    repeat: float = 0.0  # from one act to the next
    limit: int = 1  # acts in all, until `reset`
    recheck: bool = False  # an act needs that `when` still holds
    reset: Condition | None = None  # after the last act, wakes the rule
    line: int | None = field(default=None, compare=False)  # of the file, for messages
    keys: Mapping[str, float] = field(default_factory=lambda: _NONE)  # of a treatment, instead of what its file has
    over: float = 0.0  # how long a treatment lasts; 0: to the end
    chance: float = 1.0  # share of people in whom the rule exists
    by: str = ""  # who acts: rules of one helper share the random numbers of chance and wait

    @property
    def helper(self) -> str:
        """Whose random numbers those of chance and wait are."""
        return self.by or self.name


@dataclass(frozen=True)
class Change:
    """What a laboratory changes at a time: a pool gets `amount` more at once, and `rate` [1/min] from then on."""

    time: float
    pool: str
    amount: float = 0.0
    rate: float = 0.0


@dataclass(frozen=True)
class Challenge:
    """Between two times a laboratory holds something else than before the start."""

    time: float
    until: float
    name: str
    what: str


@dataclass(frozen=True)
class Clamp:
    """What a laboratory does with the gases.  `still`: signal -> (least, most) where it is held from first to last."""

    set: Mapping[str, float] = field(default_factory=lambda: _NONE)  # quantity -> value, before the start
    changes: tuple[Change, ...] = ()
    still: Mapping[str, tuple[float, float]] = field(default_factory=lambda: _NONE)
    challenges: tuple[Challenge, ...] = ()


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
    """The same people; `without` and `only` name doses and rules.  `set`: this arm's own values over the scenario's.

    against: the arm with which it is compared; none said, the first.
    """

    name: str = "all"
    without: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None
    set: Mapping[str, float] = field(default_factory=lambda: _NONE)
    against: str = ""

    def has(self, item: Dose | Rule) -> bool:
        """Whether this arm has a dose or a rule; a dose without a name is in every arm."""
        if not item.name:
            return True
        return item.name not in self.without and (self.only is None or item.name in self.only)


@dataclass(frozen=True)
class Output:
    """Which time courses are written.  No signals named: the default ones."""

    every: float | None = None
    times: tuple[float, ...] | None = None
    signals: tuple[str, ...] = ()
    people: int = 0

    def grid(self, duration: float, doses: tuple[Dose, ...] = (), knots: Iterable[float] = ()) -> tuple[float, ...]:
        """The times [min] at which curves are written.  Unless said, half are even and half crowd after doses and knots
        of what a laboratory holds."""
        if self.times is not None:
            return self.times
        if self.every is not None:
            steps = int(duration / self.every * (1 + 1e-12))
            return tuple(min(k * self.every, duration) for k in range(steps + 1))
        crowded = _after(_events(doses, knots, duration), duration, POINTS // 2)
        even = POINTS - len(crowded)
        return tuple(sorted(crowded | {duration * k / (even - 1) for k in range(even)}))


def _events(doses: tuple[Dose, ...], knots: Iterable[float], duration: float) -> list[float]:
    """When doses begin, infusions end and what is held changes, the first sixteen of them."""
    times = set(knots)
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
