"""What is wrong with an input: every problem at once, each with its place."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: the file, the line where it stands (None if it has none), and a sentence."""

    file: str
    line: int | None
    text: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.text}"


class InputErrors(ValueError):
    """Everything that is wrong with an input, said at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class UnitError(ValueError):
    """A unit that does not exist, or that measures something else."""


def nearest(name: str, allowed: Iterable[str]) -> str:
    """A hint: the closest allowed name, or all of them if they are few, or nothing."""
    names = sorted(allowed)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"; did you mean '{close[0]}'?"
    return f"; there are {', '.join(names)}" if 0 < len(names) <= 12 else ""
