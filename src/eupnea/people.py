"""Who takes part: one person with everything typical, virtual people, or the rows of a table.

A person's number is the typical value, or what the scenario sets, x what a level of a word does (opioid_use = "daily")
x body size x variability between people.  How well the typical value is known is another thing: `knowledge.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
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
WORDS: Final = ("opioid_use", "bche", "ugt2b7", "liver", "cocaine")  # a file of levels each
UNITS: Final = (("weight", "kg"), ("height", "cm"), ("age", "year"), ("egfr", "mL/min"))


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
        else:
            measures[key] = _usual(key, unit, sex, measures, people, library)
    own = {
        path: (np.asarray(values, dtype=float)[: people.count], people.table.units[path])
        for path, values in columns.items()
        if path not in measures and path not in words and path != "sex"
    }
    return Cast(people.count, people.seed, people.vary, measures, {**words, "sex": sex}, own)


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
    what a level would do to it.
    """
    values = np.repeat(np.array(system.typical)[:, None], who.count, axis=1)
    places = {path: i for i, path in enumerate(system.parameters)}
    ratio = [quantity.factor(row.unit, unit) for row, unit in zip(system.rows, system.parameter_units, strict=True)]
    for path, i in places.items():
        if path in setting:
            values[i] = setting[path] * ratio[i]
    for word, chosen in who.words.items():
        for level in np.unique(chosen) if word != "sex" else ():
            _apply(library.people[word][str(level)], chosen == level, values, system, places, setting)
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


def _apply(
    rows: Mapping[str, Row],
    who: Array,
    values: Array,
    system: System,
    places: Mapping[str, int],
    setting: Mapping[str, float],
) -> None:
    for path, row in rows.items():
        if path in places and path not in setting:
            i = places[path]
            unit = system.parameter_units[i]
            values[i, who] = values[i, who] * row.value if row.times else row.value * quantity.factor(row.unit, unit)


def _filtration(who: Cast, library: Library, system: System, places: Mapping[str, int]) -> Array:
    """eGFR is per standard surface, which grows with the roots of height and weight.  [mosteller1987]

    Only the height's part is here: with weight the clearances themselves grow (`size`).
    """
    reference = library.people["size"]["reference"]
    surface = np.sqrt(who.measures["height"] / reference["height"].value)
    return who.measures["egfr"] * quantity.factor("mL/min", system.parameter_units[places["excretion.egfr"]]) * surface


def _vary(typical: Array, row: Row, eta: Array) -> Array:
    if row.varies == "logit":
        odds = typical * np.exp(row.sd * eta)
        return odds / (1 - typical + odds)  # 0 stays 0 and 1 stays 1
    return typical * np.exp(omega(row.cv) * eta)


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
