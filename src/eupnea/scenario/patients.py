"""A table of people, one row each, read from CSV: columns "heroin.disposition.v1 [L]", "weight [kg]", "sex"."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from eupnea.core import quantity
from eupnea.core.errors import Problem, UnitError
from eupnea.language import Vocabulary
from eupnea.values import hint

from .records import Table

MOST_BYTES: Final = 64 * 2**20
_MOST_PROBLEMS: Final = 50
_COLUMN: Final = re.compile(r"\s*([^\[\]]+?)\s*(?:\[([^\[\]]*)\])?\s*")

# person-level numbers: unit, lowest and highest that are taken for a person at all
PERSON: Final[Mapping[str, tuple[str, float, float]]] = {
    "weight": ("kg", 30.0, 300.0),
    "height": ("cm", 100.0, 230.0),
    "age": ("year", 18.0, 100.0),
    "egfr": ("mL/min", 1.0, 200.0),
    "abstinent": ("min", 0.0, 50 * 365.25 * 1440.0),
}
BMI: Final = (10.0, 100.0)  # kg/m2, lowest and highest
WORDS: Final = ("sex", "opioid_use", "liver", "bche", "ugt2b7", "lung", "sleep_apnoea", "heart", "cocaine")


def allowed_words(key: str, words: Vocabulary) -> tuple[str, ...]:
    return words.levels.get(key, ("female", "male") if key == "sex" else ("no", "yes") if key == "cocaine" else ())


def out_of_range(key: str, value: float) -> str:
    """A sentence if no person has such a value, else nothing."""
    unit, low, high = PERSON[key]
    if low <= value <= high:
        return ""
    shown = (value / 1440, "d", low / 1440, high / 1440) if unit == "min" else (value, unit, low, high)
    return f"{shown[0]:g} {shown[1]} is outside {shown[2]:g} to {shown[3]:g} {shown[1]}"


@dataclass(frozen=True)
class _Column:
    """What one column holds: the name of a quantity or of a person-level key, its unit, and how a cell is read."""

    name: str
    unit: str
    read: Callable[[str], float | str]  # raises ValueError with a sentence


def read_table(
    raw: bytes, file: str, mapping: Mapping[str, str], words: Vocabulary
) -> tuple[Table | None, list[Problem]]:
    """The table, or None with all that is wrong."""
    problems: list[Problem] = []
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return None, [Problem(file, line, "is not UTF-8 text")]
    if "\0" in text:
        return None, [
            Problem(file, text[: text.index("\0")].count("\n") + 1, "holds a zero byte: this is not CSV text")
        ]
    rows = _rows(text, file, problems)
    empty = Problem(file, 1, "is empty; the first line names the columns, each further line is one person")
    line, names = next(rows, (1, []))
    if not any(name.strip() for name in names):
        return None, problems or [empty]
    columns = _header(names, mapping, words, file, line, problems)
    count = 0
    values: dict[str, list[float | str]] = {column.name: [] for column in columns if column is not None}
    for number, cells in rows:
        count += 1
        if len(problems) > _MOST_PROBLEMS:
            break
        if len(cells) != len(names):
            problems.append(Problem(file, number, f"has {len(cells)} cells, the header has {len(names)}"))
            continue
        for title, cell, column in zip(names, cells, columns, strict=True):
            if column is None:
                continue
            try:
                values[column.name].append(column.read(cell.strip()))
            except ValueError as error:
                problems.append(Problem(file, number, f"column '{title.strip()}': {error}"))
    if not count and not problems:
        problems.append(Problem(file, line, "has no row of a person below its header"))
    if problems:
        return None, _at_most(problems, file)
    units = {column.name: column.unit for column in columns if column is not None}
    return Table(file, count, {k: tuple(v) for k, v in values.items()}, units), []  # type: ignore[misc]


def _rows(text: str, file: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of every line, one at a time; blank lines at the end do not count."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    waiting: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            if len(waiting) <= _MOST_PROBLEMS:  # a blank line within is a problem, and more of them say no more
                waiting.append((reader.line_num, cells))
            if any(cell.strip() for cell in cells):
                yield from waiting
                waiting.clear()
    except csv.Error as error:
        problems.append(Problem(file, reader.line_num, f"is not CSV: {error}"))


def _header(
    names: list[str], mapping: Mapping[str, str], words: Vocabulary, file: str, line: int, problems: list[Problem]
) -> list[_Column | None]:
    titles = [name.strip() for name in names]
    for own in mapping:
        if own not in titles:
            problems.append(
                Problem(file, line, f"has no column '{own}' that [people.columns] names{hint(own, titles)}")
            )
    columns: list[_Column | None] = []
    seen: set[str] = set()
    for title in titles:
        if len(problems) > _MOST_PROBLEMS:
            break
        if mapping and title not in mapping:
            columns.append(None)
            continue
        column = column_of(mapping.get(title, title), words)
        if isinstance(column, str):
            problems.append(Problem(file, line, f"column '{title}': {column}"))
            columns.append(None)
            continue
        if column.name in seen:
            problems.append(Problem(file, line, f"column '{title}': {column.name} is given twice"))
        seen.add(column.name)
        columns.append(column)
    if not seen and not problems:
        problems.append(Problem(file, line, "no column is used: [people.columns] names none of them"))
    return columns


def column_of(title: str, words: Vocabulary) -> _Column | str:
    """The column that a title names, or a sentence that says why there is none."""
    found = _COLUMN.fullmatch(title)
    if ";" in title:
        return "are the columns parted by ';'? Commas are needed"
    if found is None:
        return "a column is called 'QUANTITY [UNIT]', for instance 'weight [kg]'"
    name, unit = found.group(1), found.group(2)
    if name in WORDS:
        allowed = allowed_words(name, words)
        return _Column(name, "", lambda cell: _word(cell, allowed)) if unit is None else f"{name} has no unit"
    known = PERSON[name][0] if name in PERSON else words.quantities.get(name)
    if known is None and name in words.fixed:
        return words.fixed[name]
    if known is None:
        return f"unknown quantity '{name}'{hint(name, [*words.quantities, *PERSON, *WORDS])}"
    if not unit and known != "1":
        return f"lacks its unit: '{name} [{known}]'"
    try:
        ratio = quantity.factor(unit or "1", known)
    except UnitError as error:
        return str(error)
    return _Column(name, known, lambda cell: _number(cell, ratio, name, words))


def _word(cell: str, allowed: tuple[str, ...]) -> str:
    if cell not in allowed:
        raise ValueError(f"'{cell}' is not known{hint(cell, allowed)}")
    return cell


def _number(cell: str, ratio: float, name: str, words: Vocabulary) -> float:
    try:
        value = float(cell) * ratio if "_" not in cell else math.nan
    except ValueError:
        value = math.nan
    if not cell:
        raise ValueError("the cell is empty")
    if not math.isfinite(value):
        raise ValueError(f"'{cell}' is not a finite number")
    if value < 0:
        raise ValueError(f"{cell} is negative")
    if name in PERSON and out_of_range(name, value):
        raise ValueError(out_of_range(name, value))
    if name not in PERSON and (wrong := words.outside(name, value)):
        raise ValueError(wrong)
    return value


def _at_most(problems: list[Problem], file: str) -> list[Problem]:
    if len(problems) <= _MOST_PROBLEMS:
        return problems
    return [*problems[:_MOST_PROBLEMS], Problem(file, None, "and more problems like these")]
