"""Who takes part: one person with everything typical, virtual people, or the rows of a table.

A person's number is the typical value, or what the scenario sets, x what a level of a word does (opioid_use = "daily")
x what goes with age, height and body mass x body size x variability between people.  How well the typical value is
known is another thing: `knowledge.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from eupnea.core import quantity, stream
from eupnea.core.compose import System
from eupnea.core.errors import InputErrors, Problem
from eupnea.core.library import Library
from eupnea.core.rows import Row
from eupnea.values import Choice, draw, omega

Array = np.ndarray
WORDS: Final = (
    "opioid_use",
    "bche",
    "ugt2b7",
    "liver",
    "lung",
    "sleep_apnoea",
    "heart",
    "cocaine",
)  # a file of levels each
TRENDS: Final = ("age", "height", "bmi")  # a file each, of what goes with it
UNITS: Final = (("weight", "kg"), ("height", "cm"), ("age", "year"), ("egfr", "mL/min"), ("abstinent", "min"))


@dataclass(frozen=True)
class Cast:
    """The people of a run: numbers (people,) of what is measured on a person, and a word for each of `words`."""

    count: int
    seed: int
    vary: bool
    measures: Mapping[str, Array]
    words: Mapping[str, Array]
    own: Mapping[str, tuple[Array, str]]  # quantities that a table gives person by person, with their unit


def levels(library: Library) -> dict[str, tuple[str, ...]]:
    """word -> its levels; the first is the default."""
    return {word: tuple(library.people[word]) for word in WORDS if word in library.people} | {"sex": ("female", "male")}


def cast(people: Any, library: Library) -> Cast:
    """The people that a scenario asks for (`eupnea.scenario.People`)."""
    columns = people.table.columns if people.table else {}
    words = {word: _words(word, options, people, columns) for word, options in levels(library).items() if word != "sex"}
    sex = _sex(people, library, columns)
    measures = {}
    for key, unit in UNITS:
        given = people.quantities.get(key)
        if key in columns:
            ratio = quantity.factor(people.table.units[key], unit)
            measures[key] = np.asarray(columns[key], dtype=float)[: people.count] * ratio
        elif given is not None:
            drawn = draw(given, people.seed, f"people.{key}", np.arange(people.count))
            measures[key] = drawn * quantity.factor(given.unit, unit)
        elif key == "abstinent":
            measures[key] = np.zeros(people.count)
        else:
            measures[key] = _usual(key, unit, sex, measures, people, library)
    measures["bmi"] = bmi(measures["weight"], measures["height"])
    own = {
        path: (np.asarray(values, dtype=float)[: people.count], people.table.units[path])
        for path, values in columns.items()
        if path not in measures and path not in words and path != "sex"
    }
    return Cast(people.count, people.seed, people.vary, measures, {**words, "sex": sex}, own)


def bmi(weight: Any, height: Any) -> Any:
    """kg/m2, of kg and cm."""
    return weight / (height * quantity.factor("cm", "m")) ** 2


def _words(key: str, options: tuple[str, ...], people: Any, columns: Mapping[str, Any]) -> Array:
    if key in columns:
        return np.asarray(columns[key])[: people.count]
    given: Choice | None = people.quantities.get(key)
    if given is None:
        return np.full(people.count, options[0])
    ends = np.cumsum([share for _, share in given.options])
    place = np.minimum(
        np.searchsorted(ends, stream.uniform(people.seed, f"people.{key}", np.arange(people.count))), len(ends) - 1
    )
    return np.array([word for word, _ in given.options])[place]


def _sex(people: Any, library: Library, columns: Mapping[str, Any]) -> Array:
    if "sex" in columns or "sex" in people.quantities:
        return _words("sex", ("female", "male"), people, columns)
    if not people.vary:
        return np.full(people.count, "")  # typical of both
    share = library.people["adult"]["everyone"]["female"].value
    female = stream.uniform(people.seed, "people.sex", np.arange(people.count)) < share
    return np.where(female, "female", "male")


def _usual(key: str, unit: str, sex: Array, known: Mapping[str, Array], people: Any, library: Library) -> Array:
    """What is not said of people: as adults are, or the reference body where people do not vary."""
    reference, adult = library.people["size"]["reference"], library.people["adult"]
    if not people.vary:
        row = reference[key] if key in reference else adult["everyone"][key]
        return np.full(people.count, row.value * quantity.factor(row.unit, unit))
    z = stream.normal(people.seed, f"people.{key}", np.arange(people.count))
    if key in adult["everyone"]:
        row = adult["everyone"][key]
        values = row.value * quantity.factor(row.unit, unit) * np.exp(omega(row.cv) * z)
        if key == "age":
            youngest, oldest = (adult["everyone"][word].value for word in ("youngest", "oldest"))
            return np.clip(values, youngest, oldest)
        loss = adult["everyone"].get(f"{key}_per_year")
        return values - (loss.value * (known["age"] - adult["everyone"]["age"].value) if loss else 0)
    rows = {word: adult[word][key] for word in ("female", "male")}
    return np.where(
        sex == "female",
        *(row.value * quantity.factor(row.unit, unit) * np.exp(omega(row.cv) * z) for row in rows.values()),
    )


# --- from people to numbers -----------------------------------------------------------------------------------------


def numbers(system: System, library: Library, who: Cast, setting: Mapping[str, float]) -> Array:
    """(parameters, people) of a system, in the units of its equations.

    setting: what a scenario's [set] and an arm's say, in each quantity's own unit: it replaces the typical value and
    what a level would do to it; trends, size and differences come on top.
    """
    values = np.repeat(np.array(system.typical)[:, None], who.count, axis=1)
    places = {path: i for i, path in enumerate(system.parameters)}
    ratio = [quantity.factor(row.unit, unit) for row, unit in zip(system.rows, system.parameter_units, strict=True)]
    for path, i in places.items():
        if path in setting:
            values[i] = setting[path] * ratio[i]
    for rows, here, kept in _levels(library, who):
        _apply(rows, here, kept, values, system, {k: i for k, i in places.items() if k not in setting})
    for path, factor in _trends(library, who).items():
        if path in places:
            values[places[path]] = _times(values[places[path]], factor, system.rows[places[path]])
    if "excretion.egfr" in places and "excretion.egfr" not in setting:
        values[places["excretion.egfr"]] = _filtration(who, library, system, places)
    weight = who.measures["weight"] / library.people["size"]["reference"]["weight"].value
    eta = _etas(library, who) if who.vary else {}
    for path, i in places.items():
        row = system.rows[i]
        if row.size:
            values[i] *= weight ** library.people["size"]["exponents"][row.size].value
        if path in eta:
            values[i] = _vary(values[i], row, eta[path])
    for path, (given, unit) in who.own.items():
        if path in places:
            values[places[path]] = given * quantity.factor(unit, system.parameter_units[places[path]])
    return values


def _levels(library: Library, who: Cast) -> Iterator[tuple[Mapping[str, Row], Array, Array | float]]:
    """What a level says, of whom, and how much of it is left: what use of opioids did fades without them."""
    for word, chosen in who.words.items():
        fading = library.people.get("abstinent", {}).get(word)
        for level in np.unique(chosen):
            here = chosen == level
            kept = 0.5 ** (who.measures["abstinent"][here] / _minutes(fading["half_life"])) if fading else 1.0
            yield library.people.get(word, {}).get(str(level), {}), here, kept


def _minutes(row: Row) -> float:
    return row.value * quantity.factor(row.unit, "min")


def _apply(
    rows: Mapping[str, Row],
    who: Array,
    kept: Array | float,
    values: Array,
    system: System,
    places: Mapping[str, int],
) -> None:
    """kept = 1 is the level itself, to the bit; 0 is what these people would have without it."""
    for path, row in rows.items():
        if path in places:
            i = places[path]
            before = values[i, who]
            level = _times(before, row.value, system.rows[i])
            if not row.times:
                level = np.full(len(before), row.value * quantity.factor(row.unit, system.parameter_units[i]))
            values[i, who] = level * kept + before * (1 - kept)


def _times(typical: Array, factor: Array | float, row: Row) -> Array:
    """A factor on a number; of a share it multiplies the odds, so that a share stays one."""
    if row.varies != "logit":
        return typical * factor
    odds = typical * factor
    return odds / (1 - typical + odds)


def _trends(library: Library, who: Cast) -> dict[str, Array]:
    """quantity -> factor of every person: its power for as many steps as one is away from the typical person."""
    found: dict[str, Array] = {}
    for key in TRENDS:
        steps = _steps(library, who, key)
        for path, row in library.people.get(key, {}).get("per_step", {}).items():
            found[path] = found.get(path, 1.0) * row.value**steps
    return found


def _steps(library: Library, who: Cast, key: str) -> Array:
    """How many steps a measure is away from that of a typical person; beyond least and most it goes no further."""
    if key not in library.people:
        return np.zeros(who.count)
    step, least, most = (library.people[key]["trend"][word].value for word in ("step", "least", "most"))
    reference = library.people["size"]["reference"]
    typical = {"age": library.people["adult"]["everyone"]["age"].value, "height": reference["height"].value}
    typical["bmi"] = bmi(reference["weight"].value, reference["height"].value)
    return (np.clip(who.measures[key], least, most) - typical[key]) / step


def trends_of(library: Library, who: Cast, used: Collection[str]) -> Iterator[Row]:
    """The rows behind what age, height and body mass do to these people."""
    for key in TRENDS:
        if _steps(library, who, key).any():
            yield from library.people[key]["trend"].values()
            yield from (row for path, row in library.people[key]["per_step"].items() if path in used)


def _filtration(who: Cast, library: Library, system: System, places: Mapping[str, int]) -> Array:
    """eGFR is per standard surface, which grows with the roots of height and weight.  [mosteller1987]

    Only the height's part is here: with weight the clearances themselves grow (`size`).
    """
    reference = library.people["size"]["reference"]
    surface = np.sqrt(who.measures["height"] / reference["height"].value)
    return who.measures["egfr"] * quantity.factor("mL/min", system.parameter_units[places["excretion.egfr"]]) * surface


def _vary(typical: Array, row: Row, eta: Array) -> Array:
    """Of a share, 0 stays 0 and 1 stays 1; what is normal keeps its sd as a part of the typical value."""
    if row.varies == "normal":
        return typical * (1 + row.sd / row.value * eta)
    return _times(typical, np.exp((row.sd if row.varies == "logit" else omega(row.cv)) * eta), row)


def _etas(library: Library, who: Cast) -> dict[str, Array]:
    """A standard normal number for every person and quantity that varies; quantities that go together share theirs."""
    people = np.arange(who.count)
    varying = {row.path for row in library.rows() if row.cv > 0 or row.sd > 0}
    eta = {path: stream.normal(who.seed, path, people) for path in varying}
    for group in _groups(library):
        matrix = np.eye(len(group))
        for a, b, row in library.pairs:
            if a in group:
                i, j = group.index(a), group.index(b)
                matrix[i, j] = matrix[j, i] = row.value
        try:
            root = np.linalg.cholesky(matrix)
        except np.linalg.LinAlgError:
            text = f"the correlations of {', '.join(group)} contradict each other: nobody can have all of them"
            raise InputErrors([Problem(str(library.folder / "people"), None, text)]) from None
        mixed = root @ np.stack([eta[path] for path in group])
        eta |= dict(zip(group, mixed, strict=True))
    return eta


def _groups(library: Library) -> list[list[str]]:
    """Quantities that are linked by correlations, each group in the order of the alphabet."""
    groups: list[set[str]] = []
    for a, b, _ in library.pairs:
        joined = [group for group in groups if a in group or b in group]
        groups = [group for group in groups if group not in joined] + [{a, b}.union(*joined)]
    return [sorted(group) for group in groups]
