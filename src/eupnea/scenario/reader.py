"""One scenario being read: its tree, where its keys stand, and what has been found wrong so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any, Final

from eupnea.core.errors import Problem
from eupnea.language import Vocabulary
from eupnea.lines import Path, nearest_line
from eupnea.values import LanguageError, hint, measure

MOST_DURATION: Final = 400 * 1440.0  # min
LEAST_TIME: Final = 1e-3  # min, the shortest that anything lasts: beside days, less is lost to rounding
MOST_PROBLEMS: Final = 200  # that are said of one file; nobody reads more, and each takes time to word


class TooManyProblems(Exception):
    """So much is wrong that reading stops."""


@dataclass
class Reader:
    """Whoever reads a part of it says here what is wrong."""

    tree: dict[str, Any]
    file: str
    lines: Mapping[Path, int]
    folder: File | None
    words: Vocabulary
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)  # nothing wrong, but somebody should know
    dropped: set[Path] = field(default_factory=set)  # keys of the wrong shape, already complained of
    table_bytes: bytes = b""

    def say(self, path: Path, text: str) -> None:
        if len(self.problems) >= MOST_PROBLEMS:
            raise TooManyProblems
        self.problems.append(self._at(path, text))

    def note(self, path: Path, text: str) -> None:
        self.notes.append(self._at(path, text))

    def _at(self, path: Path, text: str) -> Problem:
        return Problem(self.file, nearest_line(self.lines, path), f"{_place(path)}{text}")

    def has(self, content: Mapping[str, Any], at: Path, key: str) -> bool:
        """Whether a key is given, be it well or badly."""
        return key in content or (*at, key) in self.dropped

    def measured(self, path: Path, text: Any, units: Iterable[str]) -> float | None:
        """One quantity in the first unit that fits; None if it is absent or wrong."""
        if text is None:
            return None
        if not isinstance(text, str):
            self.say(path, 'must be text with a number and a unit, such as "90 min" or "100 mg"')
            return None
        try:
            return measure(text, units)[0]
        except LanguageError as error:
            self.say(path, str(error))
            return None

    def named(self, path: Path, name: Any, allowed: Iterable[str], what: str) -> bool:
        """Whether a name is known; a name that is absent was complained of elsewhere."""
        if name is None or name in allowed:
            return name is not None
        self.say(path, f"unknown {what} '{name}'{hint(str(name), allowed)}")
        return False


def _place(path: Path) -> str:
    """('dose', 1, 'amount') -> 'dose 2, amount: '."""
    text = ""
    for word in path:
        if isinstance(word, int):
            text += f" {word + 1},"
        else:
            text += f" {word}" if text.endswith(",") else f".{word}" if text else word
    return f"{text.rstrip(',')}: " if text else ""


def quantity_of(text: Any, units: list[str]) -> tuple[float, str]:
    """One quantity inside a distribution, where anything may stand."""
    if not isinstance(text, str):
        raise LanguageError(f"{text!r} must be text with a number and a unit, such as '1 {units[0]}'")
    return measure(text, units)
