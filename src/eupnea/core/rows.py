"""A number never travels alone: value, unit, source, place, grade and spread, read and checked."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import Problem

GRADES = ("measured", "fitted", "derived", "borrowed", "assumed")
SIZES = ("volume", "clearance", "rate")
_TEXTS = ("note", "where", "matrix", "form", "varies", "size", "below")
_ENOUGH = 6  # so many sd below its typical value is one of a thousand million people
_KEYS = frozenset(
    "value unit source where grade note cv sd rse varies size matrix blood_plasma form times allowed below".split()
)


@dataclass(frozen=True)
class Row:
    """A number with where it comes from.  `path` names it everywhere: DRUG.MODULE[.PART].ROW or MODULE[.PART].ROW."""

    path: str
    value: float
    unit: str
    source: str
    grade: str
    where: str = ""
    note: str = ""
    cv: float = 0.0  # between people: log-normal, on this coefficient of variation
    sd: float = 0.0  # between people: normal, on the logit (varies = "logit") or in its own unit (varies = "normal")
    rse: float = 0.0  # how well the typical value is known: never mixed with cv
    varies: str = ""
    size: str = ""
    matrix: str = ""
    blood_plasma: float | None = None
    form: str = ""
    times: bool = False  # a factor on the quantity that it names, instead of a value for it
    allowed: tuple[float, float] | None = None  # within which a body works at all, of whoever says another value
    below: str = ""  # another row of its table, whose value stays above this one's
    file: str = ""
    line: int | None = None

    @property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest value that makes sense; a share is one."""
        return self.allowed or (0.0, 1.0 if self.varies == "logit" else math.inf)


def read_row(
    path: str, fields: Any, file: str, line: int | None, sources: Mapping[str, str], problems: list[Problem]
) -> Row | None:
    """One row, or None with the reasons appended to `problems`."""
    wrong: list[str] = []
    if not isinstance(fields, Mapping):
        problems.append(Problem(file, line, f"{path} is not a row {{ value, unit, source, where, grade }}"))
        return None
    wrong += [f"unknown key '{key}'" for key in fields if key not in _KEYS]
    wrong += [f"{key} = {fields[key]!r} is not text" for key in _TEXTS if not isinstance(fields.get(key, ""), str)]
    if {"times", "value"} <= fields.keys():
        wrong.append("has value and times; a row has one of them")
    times = "times" in fields and "value" not in fields
    fields = {**fields, "value": fields["times"], "unit": "1", "times": True} if times else fields
    value = fields.get("value")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        wrong.append(f"value = {value!r} is not a finite number")
    grade, source, note = fields.get("grade"), fields.get("source"), fields.get("note", "")
    if grade not in GRADES:
        wrong.append(f"grade = {grade!r}; a grade is one of {', '.join(GRADES)}")
    if grade in GRADES[2:] and not note:
        wrong.append(f"a value that is {grade} must say why in `note`")
    if str(source) not in sources and not (source == "assumed" and grade == "assumed"):
        wrong.append(f"source = {source!r} is not in data/sources.bib")
    if not isinstance(fields.get("unit"), str):
        wrong.append('lacks unit; a pure number has unit = "1"')
    if fields.get("size", "") not in ("", *SIZES):
        wrong.append(f"size = {fields['size']!r}; it is one of {', '.join(SIZES)}")
    for key in ("cv", "sd", "rse"):
        spread = fields.get(key, 0.0)
        if isinstance(spread, bool) or not isinstance(spread, (int, float)) or not 0 <= spread < math.inf:
            wrong.append(f"{key} = {spread!r} is not a number of at least 0")
    wrong += _spread(fields, value)
    wrong += _window(fields.get("allowed"), value) if "allowed" in fields else []
    if wrong:
        problems.extend(Problem(file, line, f"{path}: {text}") for text in wrong)
        return None
    known = {k: v for k, v in fields.items() if k in Row.__dataclass_fields__}
    if "allowed" in known:
        known["allowed"] = tuple(map(float, known["allowed"]))
    return Row(path=path, file=file, line=line, **known)


def _window(allowed: Any, value: Any) -> list[str]:
    """What is wrong with the window that a number says of itself."""
    numbers = allowed if isinstance(allowed, (list, tuple)) else ()
    ends = [end for end in numbers if isinstance(end, (int, float)) and not isinstance(end, bool)]
    if len(ends) != 2 or len(numbers) != 2 or not ends[0] <= ends[1]:
        return [f"allowed = {allowed!r} is not [lowest, highest]"]
    inside = not isinstance(value, (int, float)) or ends[0] <= value <= ends[1]
    return [] if inside else [f"{value:g} is outside what is allowed, {ends[0]:g} to {ends[1]:g}"]


def outside(value: float, limits: tuple[float, float], unit: str) -> str:
    """A sentence if no body works with such a value, else nothing."""
    low, high = limits
    if low <= value <= high:
        return ""
    named = "" if unit == "1" else f" {unit}"
    return f"{value:g}{named} is outside {low:g} to {high:g}{named}: no body works there"


def _spread(fields: Mapping[str, Any], value: Any) -> list[str]:
    """What is wrong with how a number varies: cv alone, or sd on the logit of a share or in the number's own unit."""
    varies, sd = fields.get("varies", ""), fields.get("sd", 0)
    if varies not in ("", "logit", "normal"):
        return [f"varies = {varies!r}; it is 'logit', 'normal' or absent"]
    if bool(varies) != ("sd" in fields) or ("sd" in fields and "cv" in fields):
        return ["sd and varies = 'logit' or 'normal' go together, and cv stands alone"]
    if not isinstance(value, (int, float)) or not isinstance(sd, (int, float)):
        return []
    if varies == "logit" and not 0 < value < 1:
        return [f"varies on the logit, but {value} is no share between 0 and 1"]
    if varies == "normal" and _ENOUGH * sd > value:
        return [f"sd = {sd:g} of {value:g}: a normal number that stays above 0 wants an sd of at most a sixth of it"]
    return []


def line_of(text: str, table: str, key: str) -> int | None:
    """Where a key of a table stands: data files are written one row a line."""
    inside = not table
    for number, line in enumerate(text.splitlines(), 1):
        words = line.strip()
        if words.startswith("["):
            inside = words.split("#")[0].strip() == f"[{table}]"
        elif inside and re.match(rf'"?{re.escape(key)}"?\s*=', words):
            return number
    return None
