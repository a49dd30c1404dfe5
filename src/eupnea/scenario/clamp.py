"""What a laboratory does with the gases: [clamp].

A level, or a course: pairs of a time and a level.  From one pair to the next in a straight line; two pairs of one time
are a step; before the first, and from a pair with "free" on, nothing is held; the last level holds to the end.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from .reader import LEAST_TIME, Reader
from .records import MODEL, Challenge, Change, Clamp, Rule

FREE: Final = "free"
_MOST_PAIRS: Final = 200
_VOLUMES: Final = (1.0, 30.0)  # L, of a bag
_LEFT: Final = 1.0  # L, has to stay in a bag
_USED: Final = 0.5  # L/min, more oxygen than a person at rest takes from it
_LIVES: Final = 0.08  # share of oxygen on which a typical body comes to rest at all
Course = list[tuple[float, float | None]]  # (time, level); None: free


@dataclass(frozen=True)
class Gas:
    """What can be held: its unit, between which levels, by which numbers before the start and by which pools then."""

    title: str
    unit: str
    least: float
    most: float
    level: str  # the quantities that set it
    hold: str
    pool: str  # POOL_held and POOL_moved are added to these
    alone: str = ""  # the quantity of one level throughout, if that is another


_GASES: Final[Mapping[str, Gas]] = {
    "petco2": Gas(
        "end-tidal carbon dioxide", "mmHg", 10.0, 100.0, "laboratory.petco2", "laboratory.hold_co2", "laboratory.co2"
    ),
    "peto2": Gas("end-tidal oxygen", "mmHg", 25.0, 650.0, "laboratory.peto2", "laboratory.hold_o2", "laboratory.o2"),
    "fio2": Gas(
        "inspired oxygen",
        "1",
        0.05,
        1.0,
        "exchange.gas_oxygen",
        "exchange.gas",
        "laboratory.gas",
        "exchange.air_oxygen",
    ),
}
_SIGNALS: Final = {"petco2": "etco2"}  # what is held -> the signal that stays there


def clamp(reader: Reader, rules: Sequence[Rule], end: float, setting: Collection[str], arms: Collection[str]) -> Clamp:
    """What is held.  end: of the run; setting, arms: the quantities that [set] and arms set."""
    content = reader.tree.get("clamp", {})
    if content and "laboratory.petco2" not in reader.words.quantities:
        name = reader.tree.get("model", MODEL)
        reader.say(("clamp",), f"the model '{name}' has no laboratory: its gases cannot be held; model = 'eupnea' has")
        return Clamp()
    found: dict[str, float] = {}
    changes: list[Change] = []
    still: dict[str, tuple[float, float]] = {}
    challenges: list[Challenge] = []
    for key, gas in _GASES.items():
        given = content.get(key)
        course = _course(reader, key, gas, given, end)
        if course and key == "fio2" and course[0][0] == 0 and _first(course) < _LIVES:
            reader.say(("clamp", key), f"nobody comes to rest on so little oxygen: begin with {_LIVES:g} or more")
        if course and isinstance(given, list):
            found |= {gas.level: _first(course)} | ({gas.hold: 1.0} if course[0][0] == 0 else {})
            changes += _changes(gas, course)
            challenges += _challenges(gas, course, end)
            for name in sorted({gas.level, gas.hold} & {*setting, *arms}):
                reader.say(("clamp", key), f"moves {name}, which [set] or an arm sets as well: one or the other")
        elif course:
            level = _first(course)
            alone = {gas.alone: level} if gas.alone else {gas.level: level, gas.hold: 1.0}
            for name in sorted(alone.keys() & {*setting}):  # an arm may hold another level
                reader.say(("clamp", key), f"holds {name}, which [set] sets as well: one or the other")
            found |= alone
        levels = [level for _, level in course if level is not None]
        elsewhere = {gas.level, gas.hold} & {*arms}
        if key in _SIGNALS and course and course[0][0] == 0 and len(levels) == len(course) and not elsewhere:
            still[_SIGNALS[key]] = min(levels), max(levels)
    bag = tuple(_bag(reader, content.get("bag"), end))
    if bag:
        what = f"{content['bag']['volume']} of {100 * content['bag']['co2']:.3g} % carbon dioxide"
        challenges.append(Challenge(bag[0].time, bag[-1].time, "bag", what))
    _together(reader, content, rules)
    in_order = sorted((*changes, *bag), key=lambda change: change.time)
    return Clamp(found, tuple(in_order), still, tuple(sorted(challenges, key=lambda one: one.time)))


def _level(reader: Reader, path: tuple[str | int, ...], gas: Gas, given: Any) -> float | None:
    """One level, within what can be held."""
    value = reader.measured(path, given if isinstance(given, str) else f"{given:.17g}", [gas.unit])
    if value is not None and not gas.least <= value <= gas.most:
        reader.say(path, f"'{given}' is outside {gas.least:g} to {gas.most:g} {gas.unit}".removesuffix(" 1"))
        return None
    return value


def _course(reader: Reader, key: str, gas: Gas, given: Any, end: float) -> Course:
    """(time, level) of each pair, or of one level throughout; nothing where one is wrong, or none is given."""
    before, found = len(reader.problems), Course()
    if given is None:
        return found
    if not isinstance(given, list):
        level = _level(reader, ("clamp", key), gas, given)
        return found if level is None else [(0.0, level)]
    pairs: list[list[Any]] = given
    if len(pairs) > _MOST_PAIRS:
        reader.say(("clamp", key), f"has {len(pairs)} pairs; {_MOST_PAIRS} are the most")
        return found
    for number, (when, what) in enumerate(pairs):
        at = ("clamp", key, number)
        time = reader.measured((*at, 0), when if isinstance(when, str) else f"{when:.17g}", ["min"])
        level = None if what == FREE else _level(reader, (*at, 1), gas, what)
        if time is None:
            continue
        if not 0 <= time <= end or (not found and time == end):
            late = "; it would begin when the run ends" if time == end else ""
            reader.say((*at, 0), f"'{when}' is not within the run, 0 to {end:g} min{late}")
        if found:
            _after(reader, at, found, time, str(when), what == FREE)
        elif what == FREE:
            reader.say((*at, 1), "'free' before anything is held: the first pair says from when on it is")
        found.append((time, level))
    return found if len(reader.problems) == before else Course()


def _after(reader: Reader, at: tuple[str | int, ...], course: Course, time: float, when: str, free: bool) -> None:
    """What may follow the pairs so far."""
    last, level = course[-1]
    if time < last:
        reader.say((*at, 0), f"'{when}' goes back: the pair before is of {last:g} min; times may only rise or stay")
    elif 0 < time - last < LEAST_TIME:
        reader.say((*at, 0), f"'{when}' is less than {LEAST_TIME:g} min behind the pair before; a step is of one time")
    elif time == last and (free or level is None):
        reader.say((*at, 0), f"'{when}' is the time of the pair before; what is let go has a time of its own")
    elif len(course) > 1 and time == course[-2][0]:
        reader.say((*at, 0), f"'{when}' is the time of two pairs before; a step is two levels at one time")
    if free and level is None:
        reader.say((*at, 1), "is free already since the pair before")


def _first(course: Course) -> float:
    return next(level for _, level in course if level is not None)


def _changes(gas: Gas, course: Course) -> Iterator[Change]:
    """What is added to the pools when.  Before the start the first level is held, if that pair is of 0 min."""
    held, moved, now = f"{gas.pool}_held", f"{gas.pool}_moved", _first(course)
    if course[0][0] > 0:
        yield Change(course[0][0], held, 1.0)
    for (last, before), (time, level) in pairwise(course):
        if level is None:
            yield Change(time, held, -1.0)
            continue
        if before is None:
            yield Change(time, held, 1.0)
        if before is None or time == last:
            yield Change(time, moved, level - now)
        elif level != now:
            rate = (level - now) / (time - last)
            yield Change(last, moved, rate=rate)
            yield Change(time, moved, rate=-rate)
        now = level


def _challenges(gas: Gas, course: Course, end: float) -> Iterator[Challenge]:
    """The parts of a course in which another level is held than before the start, or one at all."""
    usual = course[0][1] if course[0][0] == 0 else None
    for (time, level), (until, then) in pairwise([*course, (end, course[-1][1])]):
        last = level if then is None else then
        if until > time and level is not None and not level == last == usual:
            what = f"{level:g}" if level == last else f"{level:g} to {last:g}"
            yield Challenge(time, until, gas.title, f"{what} {gas.unit}".removesuffix(" 1"))


def _bag(reader: Reader, content: Any, end: float) -> Iterator[Change]:
    """A bag is filled, breathed from, and taken away."""
    if not isinstance(content, dict):
        return
    before = len(reader.problems)
    time = reader.measured(("clamp", "bag", "time"), content.get("time", "0 min"), ["min"])
    over = reader.measured(("clamp", "bag", "over"), content.get("over"), ["min"])
    volume = reader.measured(("clamp", "bag", "volume"), content.get("volume"), ["L"])
    o2, co2 = content.get("o2"), content.get("co2")
    if time is not None and not 0 <= time < end:
        reader.say(("clamp", "bag", "time"), f"'{content['time']}' is not within the run, 0 to {end:g} min")
    elif time is not None and over is not None and not LEAST_TIME <= over <= end - time:
        text = f"'{content['over']}' is below {LEAST_TIME:g} min, or goes on beyond the end of the run, {end:g} min"
        reader.say(("clamp", "bag", "over"), text)
    if volume is not None and not _VOLUMES[0] <= volume <= _VOLUMES[1]:
        text = f"'{content['volume']}' is outside {_VOLUMES[0]:g} to {_VOLUMES[1]:g} L"
        reader.say(("clamp", "bag", "volume"), text)
    elif volume is not None and over is not None and over > (most := (volume - _LEFT) / _USED):
        text = (
            f"'{content['over']}' would empty a bag of {volume:g} L, from which oxygen is taken: {most:g} min at most"
        )
        reader.say(("clamp", "bag", "over"), text)
    if o2 is not None and co2 is not None and o2 + co2 > 1:
        reader.say(("clamp", "bag", "o2"), f"o2 and co2 of the bag are {o2 + co2:g} together; 1 is all of it")
    if time is None or over is None or volume is None or o2 is None or co2 is None or len(reader.problems) > before:
        return
    for pool, amount in (("volume", volume), ("o2", volume * o2), ("co2", volume * co2), ("breathed", 1.0)):
        yield Change(time, f"bag.{pool}", amount)
    yield Change(time + over, "bag.breathed", -1.0)


def _together(reader: Reader, content: Mapping[str, Any], rules: Sequence[Rule]) -> None:
    """What cannot be held beside something else."""
    if "peto2" in content and "fio2" in content:
        reader.say(("clamp", "fio2"), "the oxygen of the lung is held already (peto2): one of them, not both")
    for key in ("peto2", "fio2"):
        if "bag" in content and key in content:
            reader.say(("clamp", key), "what is breathed comes out of a bag: hold peto2 or fio2 in another run")
    for rule in rules if content else ():
        if rule.do in reader.words.treatments:
            why = f"while gases are held, do = '{rule.do}' has no effect on them"
            reader.say(("clamp",), f"fights rule '{rule.name}': {why}")
