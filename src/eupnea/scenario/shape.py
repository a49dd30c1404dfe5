"""The shape of a scenario: which keys there are and what kind of thing each holds.  Names and units come later."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from eupnea.lines import Path
from eupnea.values import SHAPES_IN_WORDS, hint


def _text_or_table(thing: Any) -> Any:
    if not isinstance(thing, (str, dict)):
        raise PydanticCustomError("quantity", "")
    return thing


def _word_or_table(thing: Any) -> Any:
    if not isinstance(thing, (str, bool, dict)):
        raise PydanticCustomError("word", "")
    return thing


def _text_or_course(thing: Any) -> Any:
    pairs = isinstance(thing, list) and bool(thing) and all(isinstance(one, list) and len(one) == 2 for one in thing)
    words = [one for pair in thing for one in pair] if pairs else [thing]
    if any(isinstance(one, bool) or not isinstance(one, (str, int, float)) for one in words):
        raise PydanticCustomError("course", "")
    return thing


def _text(thing: Any) -> Any:
    if not isinstance(thing, str):
        raise PydanticCustomError("quantity", "")
    return thing


def _printable(text: str) -> str:
    if _UNSEEN.search(text):
        raise PydanticCustomError("unseen", "")
    return text


def _no_blank(text: str) -> str:
    if text and not text.strip():
        raise PydanticCustomError("blank", "")
    return text


_UNSEEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # they command a terminal
Line = Annotated[str, AfterValidator(_printable)]
Name = Annotated[Line, AfterValidator(_no_blank)]
Quantity = Annotated[Any, AfterValidator(_text)]  # "90 min"
Spread = Annotated[Any, AfterValidator(_text_or_table)]  # "75 kg" or { median = "75 kg", cv = 0.2 }
Word = Annotated[Any, AfterValidator(_word_or_table)]  # "daily" or { choice = { daily = 0.5, ... } }
Course = Annotated[Any, AfterValidator(_text_or_course)]  # "45 mmHg", or [["0 min", "45 mmHg"], ["5 min", "55 mmHg"]]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class _Dose(_Table):
    name: Name = Field("", max_length=80)
    time: Quantity = "0 min"
    drug: str
    amount: Spread
    purity: float = Field(1.0, gt=0, le=1)
    form: str = ""
    route: str
    over: Quantity = None
    every: Quantity = None
    count: int = Field(1, ge=1, le=10_000)
    steady: bool = False
    product: str = ""


class _Sleep(_Table):
    begins: Quantity
    lasts: Quantity = None


class _Person(_Table):
    weight: Spread = None
    height: Spread = None
    age: Spread = None
    egfr: Spread = None
    abstinent: Spread = None
    sex: Word = None
    opioid_use: Word = None
    liver: Word = None
    bche: Word = None
    ugt2b7: Word = None
    lung: Word = None
    sleep_apnoea: Word = None
    heart: Word = None
    cocaine: Word = None
    sleep: _Sleep | None = None


class _One(_Person):
    seed: int = Field(1, ge=0, lt=2**63)


class _People(_Person):
    count: int = Field(1, ge=1, le=10_000_000)
    seed: int = Field(1, ge=0, lt=2**63)
    vary: bool = True
    table: str = ""
    columns: dict[str, str] = {}


class _Output(_Table):
    every: Quantity = None
    times: list[Quantity] = []
    signals: list[str] = []
    people: int = Field(0, ge=0)


class _Arm(_Table):
    name: Name = Field(min_length=1, max_length=80)
    without: list[str] = []
    only: list[str] = []
    against: Name = Field("", max_length=80)
    set: dict[str, Any] = {}


class _Give(_Table):
    drug: str
    amount: Spread
    route: str
    purity: float = Field(1.0, gt=0, le=1)
    form: str = ""
    over: Quantity = None
    product: str = ""


class _Rule(_Table):
    model_config = ConfigDict(extra="allow", strict=True, allow_inf_nan=False)  # an act has keys of its own
    name: Name = Field(min_length=1, max_length=80)
    when: str
    wait: Spread = None
    give: _Give | None = None
    do: str = ""
    what: list[str] = []
    repeat: Quantity = None
    limit: int = Field(1, ge=1, le=10_000)
    recheck: bool = False
    reset: str = ""
    chance: float = Field(1.0, gt=0, le=1)
    by: Name = Field("", max_length=80)


class _Bag(_Table):
    time: Quantity = "0 min"
    over: Quantity
    volume: Quantity
    o2: float = Field(ge=0.05, le=1)
    co2: float = Field(ge=0, le=0.2)


class _Clamp(_Table):
    petco2: Course = None
    peto2: Course = None
    fio2: Course = None
    bag: _Bag | None = None


class _Scenario(_Table):
    title: Line = Field("", max_length=300)
    model: str = "eupnea"
    duration: Quantity
    outcomes: list[str] = []
    output: _Output | None = None
    person: _One | None = None
    people: _People | None = None
    dose: list[_Dose] = []
    rule: list[_Rule] = []
    arm: list[_Arm] = []
    clamp: _Clamp | None = None
    set: dict[str, Any] = {}


_TABLES: Final[Mapping[str, type[_Table]]] = {
    "": _Scenario, "output": _Output, "person": _One, "people": _People, "person.sleep": _Sleep, "people.sleep": _Sleep,
     "dose": _Dose, "rule": _Rule,
    "rule.give": _Give, "arm": _Arm, "clamp": _Clamp,
    "clamp.bag": _Bag,
}  # fmt: skip
_MANY: Final = ("dose", "rule", "arm")
RULE: Final = tuple(_Rule.model_fields)
_GIVE: Final[Mapping[str, str]] = {  # what a dose has, and in a rule is said elsewhere
    "time": "a rule acts when its condition comes true; `wait` of the rule puts it off",
    "every": "`repeat` of the rule is the time between its acts",
    "count": "`limit` of the rule is how often it acts",
    "steady": "what has been given for ever is no act of a rule",
    "name": "the rule's own name is its name",
}


@dataclass(frozen=True)
class Misfit:
    """A key that has the wrong shape; `drop` if nothing more can be said of it."""

    path: Path
    text: str


def misfits(tree: Mapping[str, Any]) -> Iterator[Misfit]:
    """All that is wrong with the keys and kinds of a scenario."""
    try:
        _Scenario.model_validate(tree)
    except ValidationError as errors:
        found = errors.errors(include_url=False)
    else:
        return
    yield from (_misfit(dict(error)) for error in found)


def _misfit(error: dict[str, Any]) -> Misfit:
    path: Path = tuple(error["loc"])
    kind, given, limits = error["type"], error["input"], error.get("ctx", {})
    key = path[-1] if path else ""
    if kind == "extra_forbidden":
        table = ".".join(word for word in path[:-1] if isinstance(word, str))
        if table == "rule.give" and key in _GIVE:
            return Misfit(path, f"is not given here: {_GIVE[str(key)]}")
        model = _TABLES[table]
        return Misfit(path, f"unknown key{hint(str(key), model.model_fields)}")
    sentences = {
        "missing": "is missing",
        "blank": "is a name of blanks, which nobody can see",
        "unseen": "holds a control character, which cannot be shown",
        "quantity": f'must be text with a number and a unit, such as "90 min" or "100 mg", not {_kind(given)}',
        "course": "must be one level, or pairs of a time and a level: "
        '"45 mmHg", or [["0 min", "45 mmHg"], ["5 min", "55 mmHg"]]',
        "word": f"must be a word in quotes or {{ choice = {{ word = share }} }}, not {_kind(given)}",
        "string_type": f"must be text in quotes, not {_kind(given)}",
        "list_type": f"{_list_of(str(key))}, not {_kind(given)}",
        "dict_type": f"must be a table of keys, not {_kind(given)}",
        "model_type": f"must be a table of keys, not {_kind(given)}",
        "int_type": f"must be a whole number, not {_kind(given)}",
        "float_type": f"must be a number, not {_kind(given)}",
        "bool_type": f"must be true or false, not {_kind(given)}",
        "finite_number": f"= {given} is not a finite number",
        "string_too_long": f"is longer than {limits.get('max_length')} characters",
        "string_too_short": "is empty",
        "greater_than": f"= {given} is not above {limits.get('gt')}",
        "greater_than_equal": f"= {given} is below {limits.get('ge')}, the least allowed",
        "less_than": f"= {given} is too large: it must be below {limits.get('lt')}",
        "less_than_equal": f"= {given} is above {limits.get('le')}, the most allowed",
    }
    if kind == "quantity" and isinstance(given, dict):
        return Misfit(path, f"cannot be a distribution: one value is needed here, such as {chr(34)}90 min{chr(34)}")
    return Misfit(path, sentences.get(kind, str(error["msg"])))


def _list_of(key: str) -> str:
    return f"is written [[{key}]], two brackets for each one" if key in _MANY else "must be a list in [ ]"


def _kind(thing: Any) -> str:
    if isinstance(thing, bool):
        return "true" if thing else "false"
    if isinstance(thing, (int, float)):
        return f"the number {thing}"
    if isinstance(thing, str):
        return f"the text '{thing[:40]}'"
    if isinstance(thing, dict):
        return "a table"
    return "a list" if isinstance(thing, list) else f"a {type(thing).__name__}"


__all__ = ["RULE", "SHAPES_IN_WORDS", "Misfit", "misfits"]
