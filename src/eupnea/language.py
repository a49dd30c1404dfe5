"""The small language of a scenario: every name it may use, and its conditions and outcomes as plain records.

    condition    SIGNAL OP ( NUMBER UNIT | NUMBER "% of baseline" | SIGNAL )          OP is one of < <= > >=
    outcome      NAME | FUNCTION "(" arguments ")" [ "in" UNIT ]

Nothing here knows a drug or a signal: all names are checked against the `Vocabulary` that is handed in.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final, Literal

from eupnea.core import quantity
from eupnea.core.errors import UnitError
from eupnea.core.rows import outside
from eupnea.values import LanguageError, hint, measure, stray

ONE_DRUG: Final = "[drug]"  # how an outcome is called that is about doses: of one drug, or of all
_EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})
ROUTES = ("iv", "im", "sc", "in", "inhaled", "oral", "rectal", "sublingual", "depot", "brain")


@dataclass(frozen=True)
class DrugWords:
    """What may be said of one drug: routes that have data, and the forms in which an amount may be labelled."""

    title: str
    molar_mass: float  # g/mol, of the drug itself
    routes: tuple[str, ...]
    forms: tuple[str, ...] = ("base",)
    form: str = "base"  # when a dose does not name one
    told: str = "ng/mL"  # unit of its concentrations in outcomes that nobody asked for


@dataclass(frozen=True)
class Vocabulary:
    """Every name that a scenario may use.  Built from the data by `eupnea.person.vocabulary()`."""

    drugs: Mapping[str, DrugWords]
    signals: Mapping[str, str]  # name -> unit
    quantities: Mapping[str, str]  # path -> unit
    fixed: Mapping[str, str] = field(default_factory=lambda: _EMPTY)  # path of another number -> why none sets it
    # path -> lowest and highest value with which a body works, in its unit; a quantity that is not here is not negative
    limits: Mapping[str, tuple[float, float]] = field(default_factory=lambda: _EMPTY)
    below: Mapping[str, str] = field(default_factory=lambda: _EMPTY)  # path -> another, which stays above it
    typical: Mapping[str, float] = field(default_factory=lambda: _EMPTY)  # path -> value, of all that stand in `below`
    # "at" -> ("S, t", unit, line); what may be left out is in [ ]
    functions: Mapping[str, tuple[str, str, str]] = field(default_factory=lambda: _EMPTY)
    outcomes: Mapping[str, str] = field(default_factory=lambda: _EMPTY)  # named outcomes (no function) -> unit
    models: tuple[str, ...] = ("eupnea",)
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _EMPTY)  # "opioid_use" -> its words
    # drug -> formulation ("": none) -> its routes; a drug that is not here has its routes, without formulations
    products: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=lambda: _EMPTY)
    titles: Mapping[str, str] = field(default_factory=lambda: _EMPTY)  # of signals and outcomes, one line each
    treatments: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: _EMPTY)  # do = ... -> its keys -> unit
    at_rest: Mapping[str, float] = field(default_factory=lambda: _EMPTY)  # signal -> in a typical person without drugs
    becomes: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _EMPTY)  # drug -> itself and its products
    acting: frozenset[str] = frozenset()  # drugs that act on the body in this model; none: not known
    quiet: Callable[[frozenset[str]], frozenset[str]] = lambda given: frozenset()  # what stays 0 with these drugs

    def outside(self, quantity: str, value: float) -> str:
        """A sentence if no body works with such a value of a quantity, else nothing."""
        limits = self.limits.get(quantity)
        return outside(value, limits, self.quantities[quantity]) if limits else ""

    def drug_of(self, signal: str) -> str:
        """The drug that a signal is about, the first of its dotted words that is one; or nothing."""
        return next((word for word in signal.split(".") if word in self.drugs), "")

    def molar_mass(self, signal: str) -> float | None:
        """Of the drug that a signal is about."""
        drug = self.drug_of(signal)
        return self.drugs[drug].molar_mass if drug else None


@dataclass(frozen=True)
class Condition:
    """SIGNAL OP (value | share of baseline | other signal).  `value` is in the signal's own unit, or a share."""

    signal: str
    op: Literal["<", "<=", ">", ">="]
    kind: Literal["value", "baseline", "signal"]
    value: float = math.nan
    other: str = ""
    text: str = ""

    @property
    def key(self) -> tuple[str, str, str, float, str]:
        """Alike for conditions that hold together, but for the moment of equality: a > b is b < a."""
        if self.kind == "signal" and self.signal > self.other:
            return self.other, "<" if self.op[0] == ">" else ">", self.kind, 0.0, self.signal
        return self.signal, self.op[0], self.kind, 0.0 if self.kind == "signal" else self.value, self.other


@dataclass(frozen=True)
class Outcome:
    """What is asked of a run.  For an outcome that is just a name, `function` is that name and the rest is empty."""

    text: str  # as the scenario says it, blanks collapsed: its name in every result
    function: str
    signal: str = ""
    times: tuple[float, ...] = ()  # min
    condition: Condition | None = None
    unit: str = "1"  # of the number that is shown
    drug: str = ""  # of an outcome about doses: of which; none named, of all
    factor: float = 1.0  # number shown = number in own units (signal's; min; signal's * min) x factor


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*")
_OP = re.compile(r"<=|>=|<|>")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_BASELINE = re.compile(r"%\s+of\s+baseline")


def collapse(text: str) -> str:
    return " ".join(text.split())


# --- conditions and outcomes ---------------------------------------------------------------------------------------


def condition(text: str, words: Vocabulary, offset: int = 0) -> Condition:
    """Read one condition; `offset` is where it stands in a longer text, for positions."""
    at = _skip(text, 0)
    signal, at = _signal(text, at, words, offset)
    at = _skip(text, at)
    found = _OP.match(text, at)
    if found is None:
        raise LanguageError(f"one of < <= > >= is expected after {signal}", offset + at + 1)
    op: Any = found.group()
    at = _skip(text, found.end())
    whole = collapse(text)
    number = _NUMBER.match(text, at)
    if number is None:
        if _NAME.match(text, at) is None:
            raise LanguageError(f"a number with a unit, or a signal, is expected after {op}", offset + at + 1)
        other, end = _signal(text, at, words, offset)
        _nothing_more(text, end, offset)
        if words.signals[other] != words.signals[signal]:
            units = f"{signal} is in {words.signals[signal]}, {other} in {words.signals[other]}"
            raise LanguageError(f"{units}: they cannot be compared", offset + at + 1)
        if other == signal:
            raise LanguageError(f"{signal} is compared with itself", offset + at + 1)
        return Condition(signal, op, "signal", other=other, text=whole)
    rest = text[number.end() :].strip()
    if _BASELINE.fullmatch(rest):
        return Condition(signal, op, "baseline", _share(signal, number.group(), words, offset + at + 1), text=whole)
    try:
        value, _ = measure(text[at:], [words.signals[signal]], words.molar_mass(signal))
    except LanguageError as error:
        raise LanguageError(str(error), offset + at + 1) from None
    return Condition(signal, op, "value", value, text=whole)


def _share(signal: str, number: str, words: Vocabulary, position: int) -> float:
    """A share of what a signal is at rest, where that is not 0."""
    share = float(number) / 100
    if words.drug_of(signal) or words.at_rest.get(signal) == 0:
        wrong = f"{signal} is 0 at rest, without any drug, and so is every share of it"
        unit = words.signals[signal]
        raise LanguageError(f"{wrong}; compare it with a value in {unit if unit != '1' else 'pure numbers'}", position)
    if not math.isfinite(share) or share < 0:
        raise LanguageError(f"'{number} % of baseline' is not a share", position)
    return share


def outcome(text: str, words: Vocabulary, duration: float = math.inf) -> Outcome:
    """Read one outcome.  Times after `duration` [min] are an error: nothing happens there."""
    if len(text) > 500:
        raise LanguageError("an outcome is at most 500 characters long")
    at = _skip(text, 0)
    name = _NAME.match(text, at)
    if name is None:
        raise LanguageError("a name or a function such as cmax(heroin.arterial) is expected", at + 1)
    word, end = name.group(), _skip(text, name.end())
    if end < len(text) and text[end] == "(":
        if word not in words.functions:
            raise LanguageError(f"unknown function '{word}'{hint(word, words.functions)}", at + 1)
        close = _closing(text, end)
        parsed = _function(word, _arguments(text, end + 1, close), words, duration, at)
        return _in_unit(parsed, text, close + 1, words)
    if words.functions.get(word, ("",))[0] == ONE_DRUG:
        return _in_unit(Outcome("", word), text, end, words)
    if word not in words.outcomes:
        if word in words.functions:
            raise LanguageError(f"{word} is a function: {word}({words.functions[word][0]})", at + 1)
        known = [*words.outcomes, *(f"{f}(...)" for f in words.functions)]
        example = f"; a signal needs a function, as in cmax({word})" if word in words.signals else ""
        raise LanguageError(f"unknown outcome '{word}'{example or hint(word, known)}", at + 1)
    return _in_unit(Outcome("", word, unit=words.outcomes[word]), text, end, words)


def _function(word: str, arguments: list[tuple[str, int]], words: Vocabulary, duration: float, start: int) -> Outcome:
    takes, own, _ = words.functions[word]
    if takes == "condition":
        if len(arguments) != 1 or not arguments[0][0].strip():
            raise LanguageError(f"{word} takes one condition, such as {word}(SIGNAL > 1 ng/mL)", start + 1)
        return Outcome("", word, condition=condition(arguments[0][0], words, arguments[0][1]), unit="min")
    if takes == ONE_DRUG:
        return _of_a_drug(word, arguments, words, start)
    needed, all_of_them = takes.partition("[")[0].count(","), takes.count(",")
    allowed = (needed, all_of_them)
    if len(arguments) - 1 not in allowed or not arguments[0][0].strip():
        raise LanguageError(f"{word} is written {word}({takes})", start + 1)
    body, offset = arguments[0]
    signal, end = _signal(body, _skip(body, 0), words, offset)
    _nothing_more(body, end, offset)
    times = tuple(_time(body, offset, duration) for body, offset in arguments[1:])
    if len(times) == 2 and times[0] >= times[1]:
        body, offset = arguments[2]
        raise LanguageError(f"{word}: the first time is not before the second", offset + _skip(body, 0) + 1)
    unit = {"signal": words.signals[signal], "min": "min"}.get(own) or _times_minutes(words.signals[signal])
    return Outcome("", word, signal, times, unit=unit)


def _of_a_drug(word: str, arguments: list[tuple[str, int]], words: Vocabulary, start: int) -> Outcome:
    drug = arguments[0][0].strip()
    if len(arguments) != 1 or not drug:
        raise LanguageError(f"{word} is written {word}, or {word}(naloxone) of one drug", start + 1)
    if drug not in words.drugs:
        raise LanguageError(f"unknown drug '{drug}'{hint(drug, words.drugs)}", arguments[0][1] + 1)
    return Outcome("", word, drug=drug)


def _times_minutes(unit: str) -> str:
    """nmol/L -> nmol*min/L, as areas are written."""
    if unit == "1":
        return "min"
    above, slash, below = unit.partition("/")
    return f"{above}*min{slash}{below}"


def _time(body: str, offset: int, duration: float) -> float:
    at = _skip(body, 0)
    try:
        value, _ = measure(body.strip(), ["min"])
    except LanguageError as error:
        raise LanguageError(str(error), offset + at + 1) from None
    if not 0 <= value <= duration:
        raise LanguageError(f"'{body.strip()}' is not within the run, 0 to {duration:g} min", offset + at + 1)
    return value


def _in_unit(parsed: Outcome, text: str, at: int, words: Vocabulary) -> Outcome:
    """The rest of an outcome: nothing, or 'in UNIT'."""
    at = _skip(text, at)
    whole = collapse(text)
    if at == len(text):
        return replace(parsed, text=whole)
    wanted = re.compile(r"in\s+(\S.*?)\s*$", re.DOTALL).match(text, at)
    if wanted is None:
        raise LanguageError(f"'in UNIT' or nothing is expected here, not '{text[at:].strip()}'", at + 1)
    unit = wanted.group(1)
    if stray(unit):
        raise LanguageError(f"'{unit}' is not a unit: no number stands in one, as in 'in ng/mL'", wanted.start(1) + 1)
    try:
        ratio = quantity.factor(parsed.unit, unit, words.molar_mass(parsed.signal))
    except UnitError as error:
        raise LanguageError(str(error), wanted.start(1) + 1) from None
    return replace(parsed, text=whole, unit=unit, factor=ratio)


def _signal(text: str, at: int, words: Vocabulary, offset: int) -> tuple[str, int]:
    found = _NAME.match(text, at)
    if found is None:
        raise LanguageError("the name of a signal is expected", offset + at + 1)
    name = found.group()
    if name not in words.signals:
        place, _, drug = name.rpartition(".")
        if drug in words.drugs and any(f"{place}.{other}" in words.signals for other in words.drugs):
            text = f"{drug} has no data for {place}: its file has no table [receptor.{place}], so nothing binds there"
            raise LanguageError(text, offset + at + 1)
        raise LanguageError(f"unknown signal '{name}'{hint(name, words.signals)}", offset + at + 1)
    return name, found.end()


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _nothing_more(text: str, at: int, offset: int) -> None:
    at = _skip(text, at)
    if at < len(text):
        raise LanguageError(f"nothing more is expected here, not '{text[at:].strip()}'", offset + at + 1)


def _closing(text: str, at: int) -> int:
    """Index of the bracket that closes the one at `at`."""
    depth = 0
    for index in range(at, len(text)):
        depth += (text[index] == "(") - (text[index] == ")")
        if depth == 0:
            return index
    raise LanguageError("')' is missing", len(text) + 1)


def _arguments(text: str, start: int, end: int) -> list[tuple[str, int]]:
    """(argument, where it begins), parted at commas that stand in no further bracket."""
    found, begin, depth = [], start, 0
    for index in range(start, end + 1):
        depth += (text[index] == "(") - (text[index] == ")")
        if index == end or (text[index] == "," and depth == 0):
            found.append((text[begin:index], begin))
            begin = index + 1
    return found
