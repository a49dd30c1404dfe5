"""A number with its unit, or how it differs between people, as a scenario writes it.

quantity     "100 mg"   "0.1 mg/kg"   "90 min"
distribution a quantity, or { median, cv } | { mean, sd } | { low, high } | { choice = { "75 kg" = 0.5, ... } }
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np

from eupnea.core import quantity, stream
from eupnea.core.errors import UnitError

Array = np.ndarray
_TAILED: Final = ("normal", "lognormal")
_LEAST_INSIDE: Final = 1 / 3  # of a distribution, within its bounds: more redrawing than that is another distribution


@dataclass(frozen=True)
class Distribution:
    """A number, or how it differs between people.  All numbers are in `unit`; tails end at `least` and `most`."""

    kind: Literal["fixed", "lognormal", "normal", "uniform", "choice"]
    unit: str
    first: float = math.nan  # the value | median | mean | low
    second: float = 0.0  # - | cv | sd | high
    choice: tuple[tuple[float, float], ...] = ()  # (value, share), shares add up to 1
    least: float = -math.inf
    most: float = math.inf

    @property
    def typical(self) -> float:
        """The value, the median, the mean, the middle; of a choice the likeliest."""
        if self.kind == "uniform":
            return (self.first + self.second) / 2
        if self.kind == "choice":
            return max(self.choice, key=lambda option: option[1])[0]
        return self.first

    @property
    def extremes(self) -> tuple[float, float]:
        """The lowest and highest number that is written down; a tail is not written down."""
        if self.kind == "choice":
            values = [value for value, _ in self.choice]
            return min(values), max(values)
        return self.first, self.second if self.kind == "uniform" else self.first


def omega(cv: float) -> float:
    """Standard deviation of the logarithm of a log-normal with this coefficient of variation."""
    return math.sqrt(math.log1p(cv**2))


def bounded(given: Distribution, least: float, most: float) -> Distribution:
    """The same with its tails cut off.  LanguageError if hardly anything of it is within the bounds."""
    if given.kind in _TAILED and given.second > 0:
        share = _below(given, most) - _below(given, least)
        if share < _LEAST_INSIDE:
            raise LanguageError(f"only {share:.0%} of it is within {least:g} to {most:g} {given.unit}")
    return replace(given, least=least, most=most)


def _below(given: Distribution, value: float) -> float:
    """Share of a distribution with tails that is below a value."""
    if given.kind == "normal":
        z = (value - given.first) / given.second
    elif value <= 0 or given.first <= 0:
        return 0.0 if value <= 0 else 1.0
    else:
        z = math.log(value / given.first) / omega(given.second)
    return 0.5 * math.erfc(-z / math.sqrt(2))


def draw(given: Distribution, seed: int, name: str, people: Array) -> Array:
    """A value for each of these people (counted from 0) from the stream of this name, whatever else is drawn.

    Who falls beyond the bounds is drawn again, from NAME.again.1, then NAME.again.2, ...
    """
    values = _drawn(given, seed, name, people)
    if given.kind not in _TAILED:
        return values
    turn, outside = 0, np.flatnonzero((values < given.least) | (values > given.most))
    while outside.size:
        turn += 1
        values[outside] = _drawn(given, seed, f"{name}.again.{turn}", people[outside])
        outside = outside[(values[outside] < given.least) | (values[outside] > given.most)]
    return values


def _drawn(given: Distribution, seed: int, name: str, people: Array) -> Array:
    match given.kind:
        case "fixed":
            return np.full(len(people), given.first)
        case "uniform":
            return given.first + (given.second - given.first) * stream.uniform(seed, name, people)
        case "choice":
            ends = np.cumsum([share for _, share in given.choice])
            place = np.minimum(np.searchsorted(ends, stream.uniform(seed, name, people)), len(ends) - 1)
            return np.array([value for value, _ in given.choice])[place]
        case "normal":
            return given.first + given.second * stream.normal(seed, name, people)
        case _:
            return given.first * np.exp(omega(given.second) * stream.normal(seed, name, people))


@dataclass(frozen=True)
class Choice:
    """A word, or shares of several: ((word, share), ...), shares add up to 1."""

    options: tuple[tuple[str, float], ...]

    @property
    def typical(self) -> str:
        return max(self.options, key=lambda option: option[1])[0]


class LanguageError(ValueError):
    """What is wrong with a text, and at which character (from 1; None if it is the whole of it)."""

    def __init__(self, text: str, position: int | None = None) -> None:
        self.position = position
        super().__init__(text if position is None else f"{text} (at character {position})")


def hint(name: str, allowed: Iterable[str], what: str = "allowed") -> str:
    """'; allowed: a, b, c; did you mean 'b'?': the list if it is short, the nearest name if one is near."""
    names = list(dict.fromkeys(allowed))
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    folded = {n.lower(): n for n in names}
    guess = folded.get(name.lower()) or (near[0] if near else "")
    listed = f"; {what}: {', '.join(names)}" if 0 < len(names) <= 16 else ""
    return listed + (f"; did you mean '{guess}'?" if guess else "")


# In a unit a number is an exponent, a body's standard surface, or the one in "1/min"; any other is a slip of the pen.
_IN_A_UNIT: Final = re.compile(r"\^ *-? *\d+|/ *1\.73 *m\^?2|^1(?= */|$)")
_STRAY: Final = re.compile(r"[\d-]|%.*[A-Za-z]|[A-Za-z].*%", re.DOTALL)


def stray(unit: str) -> bool:
    """Whether something stands in a unit that has no place there, as a second number."""
    return _STRAY.search(_IN_A_UNIT.sub("", unit)) is not None


def measure(text: str, units: Iterable[str], molar_mass: float | None = None) -> tuple[float, str]:
    """'90 min' -> (90.0, 'min'), converted to the first of `units` that measures the same; else LanguageError."""
    targets = list(units)
    if len(text) > 200:
        raise LanguageError(f"'{text[:40]}...' is too long for a number with a unit")
    try:
        value, unit = quantity.parse(text)
    except UnitError as error:
        raise LanguageError(f"{error}; a unit such as {_examples(targets)} is needed") from None
    if stray(unit):
        more = "one number and one unit are needed; no blanks, commas or ranges stand in a number"
        raise LanguageError(f"'{text}' is not a number with a unit: {more}")
    for target in targets:
        try:
            converted = quantity.convert(value, unit, target, molar_mass)
        except UnitError:
            continue
        if not math.isfinite(converted):
            raise LanguageError(f"'{text}' is too large a number")
        return converted, target
    if not unit:
        raise LanguageError(f"'{text}' has no unit; one such as {_examples(targets)} is needed")
    if targets == ["min"]:
        raise LanguageError(f"'{text}': {unit} is not a time; s, min, h, d, week are")
    raise LanguageError(f"'{text}': {unit} does not measure the same as {_examples(targets)}")


def _examples(units: list[str]) -> str:
    return " or ".join("a pure number" if unit == "1" else unit for unit in units)


Say = Callable[[tuple[str, ...], str], None]
_SHAPES: Final = {("median", "cv"): "lognormal", ("mean", "sd"): "normal", ("low", "high"): "uniform"}
SHAPES_IN_WORDS = "{ median, cv }, { mean, sd }, { low, high } or { choice = { value = share } }"


def distribution(thing: Any, read: Callable[[Any], tuple[float, str]], say: Say) -> Distribution | None:
    """A value or a distribution.  `read` turns one quantity into (value, unit) or raises LanguageError;
    `say(keys below, sentence)` is told all that is wrong, and then None comes back."""
    if not isinstance(thing, Mapping):
        got = _read(thing, (), read, say)
        return None if got is None else Distribution("fixed", got[1], got[0])
    keys = set(thing)
    if keys == {"choice"}:
        return _choice_of_numbers(thing["choice"], read, say)
    shape = next((shape for shape in _SHAPES if set(shape) == keys), None)
    if shape is None:
        say((), f"a distribution is {SHAPES_IN_WORDS}, not {{ {', '.join(thing) or 'nothing'} }}")
        return None
    first = _read(thing[shape[0]], (shape[0],), read, say)
    second = (
        _share(thing["cv"], ("cv",), say, 3.0) if shape[1] == "cv" else _read(thing[shape[1]], (shape[1],), read, say)
    )
    if first is None or second is None:
        return None
    if isinstance(second, tuple):
        if second[1] != first[1]:
            say((shape[1],), f"{shape[1]} is in {second[1]}, but {shape[0]} in {first[1]}")
            return None
        second = second[0]
    if shape[1] == "sd" and second < 0:
        say(("sd",), f"sd = {thing['sd']!r}: a standard deviation is not negative")
        return None
    if shape[1] == "high" and second < first[0]:
        say(("high",), "high is below low")
        return None
    kind: Any = _SHAPES[shape]
    return Distribution(kind, first[1], first[0], second)


def choice_of_words(thing: Any, words: Iterable[str], say: Say) -> Choice | None:
    """A word of `words`, or { choice = { word = share } }."""
    allowed = tuple(words)
    if isinstance(thing, str):
        if thing not in allowed:
            say((), f"'{thing}' is not known{hint(thing, allowed)}")
            return None
        return Choice(((thing, 1.0),))
    if not isinstance(thing, Mapping) or set(thing) != {"choice"} or not isinstance(thing["choice"], Mapping):
        say((), f"is one of {', '.join(allowed)}, or {{ choice = {{ word = share }} }}")
        return None
    before = len(thing["choice"])
    for word in thing["choice"]:
        if word not in allowed:
            say(("choice", word), f"'{word}' is not known{hint(word, allowed)}")
    shares = _shares(thing["choice"], say)
    known = tuple((word, share) for word, share in shares if word in allowed)
    return Choice(known) if known and len(known) == before else None


def _choice_of_numbers(options: Any, read: Callable[[Any], tuple[float, str]], say: Say) -> Distribution | None:
    if not isinstance(options, Mapping):
        say(("choice",), "choice is a table of values and their shares: { choice = { '75 kg' = 0.4, '90 kg' = 0.6 } }")
        return None
    shares = _shares(options, say)
    values = [_read(key, ("choice", key), read, say) for key in options]
    found = [value for value in values if value is not None]
    if not shares or len(found) < len(values):
        return None
    if len({unit for _, unit in found}) > 1:
        say(("choice",), f"values in different units: {', '.join(sorted({unit for _, unit in found}))}")
        return None
    pairs = tuple((value, share) for (value, _), (_, share) in zip(found, shares, strict=True))
    return Distribution("choice", found[0][1], choice=pairs)


def _shares(options: Mapping[str, Any], say: Say) -> list[tuple[str, float]]:
    """Shares that add up to 1; nothing if they do not."""
    found = [(key, _share(value, ("choice", key), say, 1.0)) for key, value in options.items()]
    shares = [(key, share) for key, share in found if share is not None]
    if len(shares) < len(found):
        return []
    total = sum(share for _, share in shares)
    if not shares or abs(total - 1) > 1e-6:
        say(("choice",), f"the shares of a choice add up to 1, not {total:g}" if shares else "a choice of nothing")
        return []
    return [(key, share / total) for key, share in shares]


def _share(value: Any, keys: tuple[str, ...], say: Say, most: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most:
        say(keys, f"{keys[-1]} = {value!r} is not a number from 0 to {most:g}")
        return None
    return float(value)


def _read(
    thing: Any, keys: tuple[str, ...], read: Callable[[Any], tuple[float, str]], say: Say
) -> tuple[float, str] | None:
    try:
        return read(thing)
    except LanguageError as error:
        say(keys, str(error))
        return None
