"""A scenario: who, what, when, and what is asked.  From a TOML file, a text, or the same shape in Python.

    Scenario.load("iv_heroin")                 a path, or the name of a shipped scenario
    Scenario.from_toml(path_or_text)
    Scenario.from_dict(dict(duration="6 h", dose=[dict(drug="heroin", amount="10 mg", route="iv")]))

All that is wrong with one is said at once: `eupnea.core.errors.InputErrors`, with file and line.
"""

from __future__ import annotations

import functools
import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from eupnea.core.errors import InputErrors, Problem
from eupnea.language import Outcome, Vocabulary
from eupnea.values import hint

from .records import MODEL, Arm, Clamp, Dose, Output, People, Rule, Table

__all__ = ["Arm", "Dose", "Output", "People", "Rule", "Scenario", "Table", "find", "shipped", "tree_of", "vocabulary"]
MOST_BYTES: Final = 2**20
Words = Vocabulary | Callable[[str], Vocabulary] | None  # names of every model, or of each model; None: `vocabulary`


@dataclass(frozen=True)
class Scenario:
    """What is to be simulated and what is asked.  Times in min; quantities and signals in their own units."""

    title: str
    model: str
    duration: float
    outcomes: tuple[Outcome, ...]
    output: Output
    people: People
    doses: tuple[Dose, ...]
    arms: tuple[Arm, ...]
    set: Mapping[str, float]
    text: str  # as TOML: run again, it gives the same numbers
    file: str  # for messages
    path: Path | None  # None: it came from a text or from Python
    digest: str  # sha256 of text and table
    rules: tuple[Rule, ...] = ()
    clamp: Clamp = field(default_factory=Clamp)
    notes: tuple[Problem, ...] = ()  # nothing is wrong, but somebody should know
    tables: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}), repr=False)  # files it refers to

    @classmethod
    def load(cls, name: str | Path, words: Words = None) -> Scenario:
        """From a path, or by the name of a scenario that comes with Eupnea."""
        return cls.from_toml(find(name), words)

    @classmethod
    def from_toml(cls, path_or_text: str | Path, words: Words = None) -> Scenario:
        """From a file, or from a text (a str with a line break or an equals sign in it)."""
        if isinstance(path_or_text, str) and ("\n" in path_or_text or "=" in path_or_text):
            return _build(path_or_text.encode(), "scenario", None, words)
        path = Path(path_or_text)
        return _build(_bytes_of(path), str(path), path, words)

    @classmethod
    def from_dict(cls, tree: Mapping[str, Any], words: Words = None) -> Scenario:
        """From the same shape as the file's, in Python: tables are dicts, [[dose]] is a list of dicts."""
        from .text import dump

        try:
            raw = dump(_plain(tree)).encode()
        except (TypeError, ValueError) as error:
            raise InputErrors([Problem("scenario", None, str(error))]) from None
        except RecursionError:
            raise InputErrors([Problem("scenario", None, "is nested too deeply")]) from None
        return _build(raw, "scenario", None, words, lines=False)

    def with_people(self, count: int | None = None, seed: int | None = None, words: Words = None) -> Scenario:
        """The same scenario with so many people, or with another seed."""
        from .text import with_people

        if count is None and seed is None:
            return self
        return _build(with_people(self.text, count, seed).encode(), self.file, self.path, words)

    def setting(self, arm: Arm) -> dict[str, float]:
        """Typical values that one arm sets: the clamp's and the scenario's, overruled by its own."""
        return {**self.clamp.set, **self.set, **arm.set}

    def given(self, arm: Arm) -> tuple[Dose, ...]:
        """The doses of one arm."""
        return tuple(dose for dose in self.doses if arm.has(dose))

    def acting(self, arm: Arm) -> tuple[Rule, ...]:
        """The rules of one arm."""
        return tuple(rule for rule in self.rules if arm.has(rule))

    @property
    def fills(self) -> tuple[tuple[str, str, str], ...]:
        """(drug, route, product) of all that a dose or a rule of any arm may give, in the order of the file."""
        given = (*self.doses, *(rule.give for rule in self.rules if rule.give is not None))
        return tuple(dict.fromkeys((dose.drug, dose.route, dose.product) for dose in given))

    @property
    def drugs(self) -> tuple[str, ...]:
        """All drugs that a dose or a rule of any arm may give, in the order of the file."""
        return tuple(dict.fromkeys(drug for drug, _, _ in self.fills))

    @property
    def times(self) -> tuple[float, ...]:
        """When time courses are written [min]."""
        return self.output.grid(self.duration, self.doses, (change.time for change in self.clamp.changes))

    @property
    def stem(self) -> str:
        return self.path.stem if self.path is not None else "scenario"


def shipped() -> dict[str, Path]:
    """Scenarios that come with Eupnea, by name."""
    folder = Path(str(resources.files("eupnea"))) / "data" / "scenarios"
    return {file.stem: file for file in sorted(folder.glob("*.toml"))}


def find(name: str | Path) -> Path:
    """The file of a scenario: a path, or the name of a shipped one."""
    path, known = Path(name), shipped()
    if str(name) in known and not path.is_file():
        return known[str(name)]
    if path.is_file():
        return path
    if path.is_dir():
        raise InputErrors([Problem(str(name), None, "is a folder; a scenario is a TOML file or a shipped name")])
    listed = hint(str(name), known, "shipped are")
    raise InputErrors(
        [Problem(str(name), None, f"there is no such file, and no shipped scenario of this name{listed}")]
    )


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputErrors([Problem(str(path), None, "is larger than 1 MB, the most that a scenario may be")])
        return path.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, InputErrors):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise InputErrors([Problem(str(path), None, f"cannot be read: {reason}")]) from None


def _build(raw: bytes, file: str, path: Path | None, words: Words, lines: bool = True) -> Scenario:
    text, tree = _parsed(raw, file)
    from eupnea.lines import index

    from .reader import MOST_PROBLEMS, TooManyProblems
    from .reading import Reader, read
    from .shape import misfits

    where = index(text) if lines else {}
    reader = Reader(tree, file, where, path.parent if path else None, _words(words, tree.get("model")))
    try:
        for misfit in misfits(tree):
            reader.say(misfit.path, misfit.text)
            reader.dropped.add(misfit.path)
        for wrong in sorted(reader.dropped, key=len, reverse=True):
            _drop(tree, wrong)
        fields = read(reader)
    except TooManyProblems:
        reader.problems.append(Problem(file, None, f"more than {MOST_PROBLEMS} things are wrong; mend these first"))
    if reader.problems:
        raise InputErrors(sorted(dict.fromkeys(reader.problems), key=lambda p: (p.file != file, p.line or 0)))
    digest = hashlib.sha256(text.encode() + b"\0" + reader.table_bytes if reader.table_bytes else text.encode())
    table = tree.get("people", {}).get("table")
    tables = {table: reader.table_bytes} if table else {}
    return Scenario(
        **fields, text=text, file=file, path=path, digest=digest.hexdigest(), tables=MappingProxyType(tables),
        notes=tuple(reader.notes),
    )  # fmt: skip


def _words(words: Words, model: object) -> Vocabulary:
    """The names that a scenario of this model may use."""
    if isinstance(words, Vocabulary):
        return words
    known = vocabulary if words is None else words
    return known(model) if isinstance(model, str) else known(MODEL)


def tree_of(scenario: Scenario) -> dict[str, Any]:
    """A scenario as dicts and lists again, of the file's shape: to change it, and read it anew with `from_dict`."""
    return tomllib.loads(scenario.text)


def vocabulary(model: str = MODEL) -> Vocabulary:
    """Every name that a scenario of this model may use, from the data and the rooms that own them.

    Of a model that is not known it is the usual one's, so that all that is wrong can be said at once.
    """
    from eupnea import person

    return _whole_vocabulary(model if model in person.MODELS else MODEL)


@functools.cache
def _whole_vocabulary(model: str) -> Vocabulary:
    """With what no scenario may set, and why."""
    from eupnea import person

    from .fixed import fixed

    words = person.vocabulary(model)
    return replace(words, fixed=MappingProxyType(fixed(person.library(model), model, words.quantities)))


# tomllib takes minutes and gigabytes for a key of ten thousand parts; more than 64 is no scenario.
_LONG_KEY: Final = re.compile(r"""(?:(?:(?<![\w-])[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){64}""", re.ASCII)
_AT_LINE: Final = re.compile(r"\s*\(at line (\d+), column (\d+)\)")


def _parsed(raw: bytes, file: str) -> tuple[str, dict[str, Any]]:
    """Text and tree of a TOML file, or InputErrors with the line."""
    if len(raw) > MOST_BYTES:
        raise InputErrors([Problem(file, None, "is larger than 1 MB, the most that a scenario may be")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputErrors([Problem(file, line, f"is not UTF-8 text: byte 0x{raw[error.start]:02x}")]) from None
    if not text.strip():
        raise InputErrors([Problem(file, 1, 'is empty; a scenario has at least a duration, as duration = "6 h"')])
    if (long := _LONG_KEY.search(text)) is not None:
        raise InputErrors([Problem(file, text.count("\n", 0, long.start()) + 1, "is nested too deeply")])
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        line = int(found.group(1)) if found else text.count("\n") + 1
        at = f" (column {found.group(2)})" if found else " (at the end of the file)"
        what = _AT_LINE.sub("", str(error)).replace(" (at end of document)", "").rstrip(".")
        twice = "; a key or table may be given once" if "overwrite" in what or "twice" in what else ""
        raise InputErrors([Problem(file, line, f"is not TOML: {what}{twice}{at}")]) from None
    except RecursionError:
        raise InputErrors([Problem(file, None, "is nested too deeply")]) from None
    except ValueError as error:  # a whole number of thousands of digits
        raise InputErrors([Problem(file, None, f"is not TOML: {error}")]) from None


def _plain(thing: Any) -> Any:
    """Dicts, lists, text and numbers only; anything else has no place in a scenario."""
    if isinstance(thing, Mapping):
        bad = next((key for key in thing if not isinstance(key, str)), None)
        if bad is not None:
            raise TypeError(f"key {bad!r} is not text")
        return {key: _plain(value) for key, value in thing.items() if value is not None}
    if isinstance(thing, (list, tuple)):
        return [_plain(value) for value in thing]
    if getattr(thing, "ndim", None) == 0:  # a number of NumPy's
        thing = thing.item()
    if isinstance(thing, (str, bool, int, float)):
        return thing
    if isinstance(thing, Path):
        return str(thing)
    raise TypeError(
        f"{thing!r} ({type(thing).__name__}) has no place in a scenario; text, numbers, lists and dicts have"
    )


def _drop(tree: Any, path: tuple[str | int, ...]) -> None:
    """Take a misfit out, so that the rest can still be read.  Elements of lists leave a None, so that the others keep
    their places."""
    for word in path[:-1]:
        try:
            tree = tree[word]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(tree, dict):
        tree.pop(path[-1], None)
    elif isinstance(tree, list) and isinstance(path[-1], int) and path[-1] < len(tree):
        tree[path[-1]] = None
