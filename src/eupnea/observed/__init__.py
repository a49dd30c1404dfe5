"""What papers say of people, as statements that a model can answer to: the reader of data/observed.

A topic is one TOML file (scenarios, and statements with source, place and verdict) and one CSV file beside it (values).
A value's `quantity` is arithmetic over outcomes of named runs: see `arithmetic`.
"""

from __future__ import annotations

import ast
import csv
import functools
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from eupnea.core import library, quantity
from eupnea.core.errors import InputErrors, Problem, nearest

from .arithmetic import Reference, parse

# What became of the source's own statement when it was looked into; where there is a `corrected`, that is tested.
CLAIMS: Final = {
    "supported": "the literature supports it",
    "qualified": "true under conditions that the statement does not name",
    "contested": "sources disagree",
    "wrong": "not true as said; tested in corrected form",
    "hypothesis": "not yet observed in people",
    "target": "a reading of the literature that this project set itself",
}
BASES: Final = {
    "project": "set by this project from the literature before the model was built",
    "published": "the interval that the source prints",
    "ours": "the source gives no number: our reading of its words, before the first run",
    "": "no window: shown beside the published value",
}
_COLUMNS = "id part quantity low high unit published basis used_to_fit by known_misfit".split()
_STATEMENT = frozenset("id text source also where claim corrected not_simulated note matrix".split())
_TOPIC = frozenset("title order source scenario statement note".split())


@dataclass(frozen=True)
class Value:
    """One line of a CSV file: a quantity of the model and the window that it should fall into."""

    id: str
    part: str
    quantity: str
    low: float
    high: float
    unit: str
    published: str
    basis: str
    used_to_fit: bool
    by: str
    known_misfit: str
    tree: ast.expr
    references: tuple[Reference, ...]

    @property
    def has_window(self) -> bool:
        return self.low > -math.inf or self.high < math.inf


@dataclass(frozen=True)
class Statement:
    """What a source says, where, and what became of it."""

    id: str
    text: str
    source: str
    where: str
    claim: str
    topic: str
    corrected: str = ""
    not_simulated: str = ""
    note: str = ""
    matrix: str = ""
    also: tuple[str, ...] = ()  # further works that the statement or its note names
    values: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Observed:
    """All statements, and the scenarios that they need, by "topic.name"."""

    statements: tuple[Statement, ...]
    scenarios: Mapping[str, Mapping[str, Any]]
    titles: Mapping[str, str]
    sources: Mapping[str, str]


@dataclass
class _Reader:
    folder: Path
    sources: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, file: Path, text: str, line: int | None = None) -> None:
        self.problems.append(Problem(str(file), line, text))


def folder() -> Path:
    return library.data_folder() / "observed"


@functools.cache
def load(where: Path | None = None, bibliography: Path | None = None) -> Observed:
    """Read and check every topic.  Raises InputErrors with all that is wrong."""
    here = where or folder()
    read = _Reader(here, library.read_bibliography(bibliography or library.data_folder() / "sources.bib"))
    trees: dict[str, dict[str, Any]] = {}
    for file in sorted(here.glob("*.toml")):
        _, tree = library.read_toml(file, read.problems)
        if tree is not None:
            _only(read, file, tree, _TOPIC, "a topic")
            trees[file.stem] = tree
    trees = dict(sorted(trees.items(), key=lambda item: item[1].get("order", math.inf)))
    scenarios = {f"{t}.{n}": s for t, tree in trees.items() for n, s in tree.get("scenario", {}).items()}
    statements: list[Statement] = []
    for topic, tree in trees.items():
        statements += _topic(read, topic, tree, scenarios)
    seen: dict[str, str] = {}
    for s in statements:
        if s.id in seen:
            read.wrong(here / f"{s.topic}.toml", f"statement {s.id} stands in {seen[s.id]} already")
        seen[s.id] = s.topic
    if read.problems:
        raise InputErrors(read.problems)
    return Observed(tuple(statements), scenarios, {t: tree["title"] for t, tree in trees.items()}, read.sources)


def _only(read: _Reader, file: Path, tree: Mapping[str, Any], allowed: frozenset[str], what: str) -> None:
    for key in tree.keys() - allowed:
        read.wrong(file, f"{what} has no '{key}'{nearest(key, allowed)}")


def _topic(read: _Reader, topic: str, tree: Mapping[str, Any], scenarios: Mapping[str, Any]) -> list[Statement]:
    file = read.folder / f"{topic}.toml"
    if not str(tree.get("title", "")).strip():
        read.wrong(file, "a topic needs a title")
    values = _values(read, topic, scenarios)
    found = []
    for s in tree.get("statement", []):
        name = str(s.get("id", "without an id"))
        _only(read, file, s, _STATEMENT, f"statement {name}")
        source = str(s.get("source", tree.get("source", "")))
        also = tuple(map(str, s.get("also", [])))
        for key in (source, *also):
            if key not in read.sources:
                read.wrong(file, f"statement {name}: '{key}' is not in sources.bib{nearest(key, read.sources)}")
        if s.get("claim") not in CLAIMS:
            read.wrong(file, f"statement {name}: claim is one of {', '.join(CLAIMS)}, not {s.get('claim')!r}")
        for key in ("id", "text", "where"):
            if not str(s.get(key, "")).strip():
                read.wrong(file, f"statement {name} needs '{key}'")
        if s.get("claim") in ("contested", "wrong") and not (s.get("corrected") or s.get("not_simulated")):
            read.wrong(file, f"statement {name} is {s['claim']}: say in 'corrected' what is tested instead")
        own = tuple(v for v in values if v.id == name)
        if not own and not s.get("not_simulated"):
            read.wrong(file, f"statement {name} has no line in {topic}.csv and no reason in 'not_simulated'")
        text = {key: str(s.get(key, "")) for key in _STATEMENT - {"id", "source", "also"}}
        found.append(Statement(id=name, source=source, also=also, topic=topic, values=own, **text))
    for v in values:
        if v.id not in {s.id for s in found}:
            read.wrong(file.with_suffix(".csv"), f"{v.id} is no statement of {topic}.toml")
    return found


def _values(read: _Reader, topic: str, scenarios: Mapping[str, Any]) -> list[Value]:
    file = read.folder / f"{topic}.csv"
    if not file.exists():
        read.wrong(file, "is missing: a topic is a TOML and a CSV file")
        return []
    table = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")))
    if table.fieldnames != _COLUMNS:
        read.wrong(file, f"the columns are {', '.join(_COLUMNS)}", 1)
        return []
    found, seen = [], set()
    for cells in table:
        line = table.line_num
        try:
            value = _value(topic, cells, scenarios)
        except (ValueError, TypeError) as error:
            read.wrong(file, f"{cells.get('id')}: {error}", line)
            continue
        if (value.id, value.part) in seen:
            read.wrong(file, f"{value.id} '{value.part}' stands here twice", line)
        seen.add((value.id, value.part))
        found.append(value)
    return found


def _value(topic: str, cells: Mapping[str, str], scenarios: Mapping[str, Any]) -> Value:
    low, high = (float(cells[key]) if cells[key] else end for key, end in (("low", -math.inf), ("high", math.inf)))
    if not low <= high:
        raise ValueError(f"the window {low} to {high} is empty")
    basis, fitted = cells["basis"], cells["used_to_fit"]
    if basis not in BASES or (basis == "") != (low == -math.inf and high == math.inf):
        raise ValueError(
            f"basis is one of {', '.join(b for b in BASES if b)}, and empty without a window; not '{basis}'"
        )
    if fitted not in ("yes", "no") or (fitted == "yes") != bool(cells["by"]):
        raise ValueError("used_to_fit is yes or no, and 'by' names what was fitted to it if yes")
    quantity.parse(f"1 {cells['unit']}")
    tree, references = parse(cells["quantity"], topic)
    for r in references:
        if r.kind == "outcome":
            scenario = scenarios.get(r.scenario)
            if scenario is None:
                raise ValueError(f"no scenario '{r.scenario}'{nearest(r.scenario, scenarios)}")
            arms = [a["name"] for a in scenario.get("arm", [])]
            if bool(arms) != bool(r.arm) or (r.arm and r.arm not in arms):
                raise ValueError(f"'{r.scenario}' has {'the arms ' + ', '.join(arms) if arms else 'no arms'}")
    return Value(
        cells["id"], cells["part"], cells["quantity"], low, high, cells["unit"], cells["published"], basis,
        fitted == "yes", cells["by"], cells["known_misfit"], tree, references,
    )  # fmt: skip
