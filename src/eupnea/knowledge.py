"""How well typical values are known: which numbers of a system are uncertain, by how much, and people after a draw.

Not how people differ (`cv`, `sd`; `people.py`).  A draw moves a typical value, and with it everybody alike: a number
that is positive on the logarithm, a share on the logit, so that it stays between 0 and 1.  How far: `rse` of its own
row, or what data/knowledge.toml has for the quantity or for its grade.  Numbers are moved one by one, as if each had
been found alone; those that were fitted together are known better together than this says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np

from eupnea.core import stream
from eupnea.core.compose import System
from eupnea.core.library import Library
from eupnea.core.rows import Row
from eupnea.people import Cast
from eupnea.values import omega

Array = np.ndarray


@dataclass(frozen=True)
class Uncertain:
    """A number that a draw moves, and the quantity that it is of.

    `name` is that of the quantity, or WORD.LEVEL.QUANTITY of what a level of a word does to it.
    """

    name: str
    quantity: str
    row: Row
    place: int  # of the parameter that it moves
    spread: float  # standard deviation of its logarithm, or of its logit
    share: bool
    whom: Array | None = None  # (people,) None: everybody


def rse(row: Row, name: str, library: Library) -> float:
    """How well the value of a row is known, as a coefficient of variation; 0: exactly."""
    if row.rse > 0:
        return row.rse
    said = _said(library, "quantity", name)
    return library.knowledge["grade"][row.grade].value if said is None else said.value


def uncertain(system: System, library: Library, who: Cast, setting: Mapping[str, float]) -> list[Uncertain]:
    """The numbers of a system that are not known exactly, in its order; what a level puts in their place after them.

    What a scenario sets and what a table says of people is known.  0 stays 0.
    """
    places = {path: i for i, path in enumerate(system.parameters) if path not in setting and path not in who.own}
    found, replaced = [], dict[str, Array]()
    levels = []
    for word, chosen in who.words.items():
        for level in np.unique(chosen) if word != "sex" else ():
            for path, row in library.people[word][str(level)].items():
                if path in places:
                    whom = chosen == level
                    levels.append((f"{word}.{level}.{path}", path, row, whom))
                    if not row.times:
                        replaced[path] = replaced.get(path, np.zeros(who.count, bool)) | whom
    for path, place in places.items():
        whom = ~replaced[path] if path in replaced else None
        found += _one(path, path, system.rows[place], place, library, whom)
    for name, path, row, whom in levels:
        found += _one(name, path, row, places[path], library, whom)
    return found


def _one(name: str, path: str, row: Row, place: int, library: Library, whom: Array | None) -> list[Uncertain]:
    """A number with its spread; nothing if it cannot be moved, or nobody has it."""
    known = rse(row, name, library)
    scaled = _said(library, "scale", path) is not None
    share = row.varies == "logit" or (row.unit == "1" and not row.times and (scaled or 0 < row.value < 1))
    if known == 0 or row.value == 0 or (share and not 0 < row.value < 1) or (whom is not None and not whom.any()):
        return []
    spread = omega(known)
    if share:  # the same spread of the value itself, to first order
        spread = min(spread / (1 - row.value), library.knowledge["logit"]["widest"].value)
    return [Uncertain(name, path, row, place, spread, share, None if whom is None or whom.all() else whom)]


def _said(library: Library, table: str, path: str) -> Row | None:
    """The first row of a table of data/knowledge.toml whose key, a pattern, fits."""
    return next((row for key, row in library.knowledge[table].items() if fnmatchcase(path, key)), None)


def draw(numbers: Sequence[Uncertain], seed: int) -> Array:
    """(1, numbers) standard normal: one draw of what is not known, by the names of the numbers."""
    return np.array([[stream.normal(seed, f"knowledge.{number.name}", np.zeros(1))[0] for number in numbers]])


def moved(values: Array, numbers: Sequence[Uncertain], z: Array) -> Array:
    """(draws * people, parameters) of people (parameters, people) after draws z (draws, numbers), standard normal.

    Draw after draw of the same people.
    """
    parameters, people = values.shape
    found = np.broadcast_to(values.T, (len(z), people, parameters)).copy()
    for number, each in zip(numbers, z.T, strict=True):
        whom = slice(None) if number.whom is None else number.whom
        before = found[:, whom, number.place]
        factor = np.exp(number.spread * each)[:, None]
        after = before * factor
        if number.share:  # its odds; 0 stays 0 and 1 stays 1
            after = after / (1 - before + after)
        found[:, whom, number.place] = after
    return found.reshape(-1, parameters)
