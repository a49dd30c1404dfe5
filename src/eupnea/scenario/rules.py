"""What is done when a condition comes true: [[rule]]."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from eupnea.language import Condition, Vocabulary, condition
from eupnea.lines import Path, nearest_line
from eupnea.values import Distribution, LanguageError, bounded, distribution, hint

from .doses import gift
from .reader import LEAST_TIME, MOST_DURATION, Reader, quantity_of
from .records import Dose, Rule
from .shape import RULE

_NONE: Final = Distribution("fixed", "min", 0.0)


def rules(reader: Reader, end: float) -> tuple[Rule, ...]:
    """The rules without a fault; what is wrong with the others is said."""
    named = _names(reader)
    found = [
        _rule(reader, position, content, named, end)
        for position, content in enumerate(reader.tree.get("rule", []))
        if isinstance(content, dict)
    ]
    return tuple(rule for rule in found if rule is not None)


def _names(reader: Reader) -> dict[str, str]:
    """Name -> what bears it, as in "rule 1"; a name that is there twice is wrong."""
    found: dict[str, str] = {}
    for kind in ("dose", "rule"):
        for position, content in enumerate(reader.tree.get(kind, [])):
            name = content.get("name") if isinstance(content, dict) else None
            if not name:
                continue
            if name in found and kind == "rule":
                reader.say((kind, position, "name"), f"'{name}' is the name of {found[name]} already")
            found.setdefault(name, f"{kind} {position + 1}")
    return found


def _rule(
    reader: Reader, position: int, content: Mapping[str, Any], named: Mapping[str, str], end: float
) -> Rule | None:
    before = len(reader.problems)
    at: Path = ("rule", position)
    keys, over = _keys(reader, at, content, end)
    when, reset = (_condition(reader, (*at, key), content.get(key)) for key in ("when", "reset"))
    if when is not None and reset is not None and when.key == reset.key:
        reader.say((*at, "reset"), "reset is the same condition as when: the rule would wake where it has just acted")
    wait = _wait(reader, (*at, "wait"), content.get("wait"), end)
    _often(reader, at, content)
    given = None
    if isinstance(content.get("give"), dict):
        given = _given(reader, (*at, "give"), content["give"])
    _act(reader, at, content, named)
    name = content.get("name")  # without one, or without a condition, it was complained of already
    if name is None or when is None or wait is None or len(reader.problems) > before:
        return None
    repeat = reader.measured((*at, "repeat"), content.get("repeat"), ["min"]) or 0.0
    if repeat > end:
        reader.note((*at, "repeat"), f"'{content['repeat']}' is longer than the run: there is no second act")
    if content.get("do") == "stop" and _at_rest(when, reader.words):
        reader.note((*at, "when"), f"'{when.text}' is true at rest, and so the rule may stop things before they begin")
    return Rule(
        name=name, when=when, wait=wait, give=None if given is None else replace(given, name=name),
        do=content.get("do", ""), what=tuple(dict.fromkeys(content.get("what", []))), repeat=repeat,
        limit=content.get("limit", 1), recheck=content.get("recheck", False), reset=reset,
        line=nearest_line(reader.lines, at), keys=keys, over=over, chance=content.get("chance", 1.0),
        by=content.get("by", ""),
    )  # fmt: skip


def _given(reader: Reader, at: Path, content: Mapping[str, Any]) -> Dose | None:
    return gift(reader, at, content, reader.measured((*at, "over"), content.get("over"), ["min"]))


def _keys(reader: Reader, at: Path, content: Mapping[str, Any], end: float) -> tuple[dict[str, float], float]:
    """(a treatment's own keys, how long it lasts: 0, to the end)."""
    own = reader.words.treatments.get(str(content.get("do")), {})
    found: dict[str, float] = {}
    over = 0.0
    for key, given in content.items():
        if key in RULE or given is None:
            continue
        if own and key == "over":
            lasts = reader.measured((*at, key), _text(given), ["min"])
            over = lasts or 0.0
            if lasts is not None and not LEAST_TIME <= lasts <= MOST_DURATION:
                reader.say((*at, key), f"'{given}' is not at least {LEAST_TIME:g} min and at most 400 d")
        elif key in own:
            value = reader.measured((*at, key), _text(given), [own[key]])
            limits = reader.words.limits.get(f"{content['do']}.{key}", (0.0, math.inf))
            if value is not None and own[key] == "1" and not 0 <= value <= 1:
                reader.say((*at, key), f"'{given}' is not a share, 0 to 1")
            elif value is not None and not limits[0] <= value <= limits[1]:
                reader.say((*at, key), f"'{given}' is not {limits[0]:g} to {limits[1]:g} {own[key]}")
            elif value is not None:
                found[key] = value
        else:
            elsewhere = "; what is given stands in give = { drug, amount, route }" if key in ("drug", "amount") else ""
            reader.say((*at, key), f"unknown key{elsewhere or hint(key, (*RULE, *own, *(('over',) if own else ())))}")
    return found, over


def _text(given: Any) -> Any:
    return f"{given:.17g}" if isinstance(given, (int, float)) and not isinstance(given, bool) else given


def _condition(reader: Reader, path: Path, text: str | None) -> Condition | None:
    if text is None:
        return None
    try:
        found = condition(text, reader.words)
    except LanguageError as error:
        reader.say(path, f"'{' '.join(text.split())[:120]}': {error}")
        return None
    amount = reader.words.drug_of(found.signal) and found.kind == "value"
    if amount and (found.value < 0 or (found.value == 0 and found.op in ("<", ">="))):
        never = "never comes true" if found.op[0] == "<" else "is always true"
        reader.say(path, f"'{found.text}' {never}: {found.signal} is never below 0")
        return None
    return found


def _at_rest(one: Condition, words: Vocabulary) -> bool:
    """Whether a condition is known to hold in somebody who has been given nothing."""

    def resting(signal: str) -> float:
        return words.at_rest.get(signal, 0.0 if words.drug_of(signal) else math.nan)

    if one.kind == "baseline":
        left, right = 1.0, one.value
    else:
        left, right = resting(one.signal), resting(one.other) if one.other else one.value
    if left == right:
        return one.op in ("<=", ">=")
    return left < right if one.op[0] == "<" else left > right


def _wait(reader: Reader, path: Path, given: Any, end: float) -> Distribution | None:
    """From the condition to the first act; nothing said is at once."""
    if given is None:
        return _NONE

    def say(below: tuple[str, ...], text: str) -> None:
        reader.say((*path, *below), text)

    wait = distribution(given, lambda text: quantity_of(text, ["min"]), say)
    if wait is None:
        return None
    low, high = wait.extremes
    if low < 0:
        reader.say(path, "a rule cannot act before its condition is true: wait is negative")
    elif high > MOST_DURATION:
        reader.say(path, "is longer than 400 d")
    elif low > end:
        reader.say(path, f"is longer than the run, {end:g} min: the rule would never act")
    else:
        try:
            return bounded(wait, 0.0, MOST_DURATION)
        except LanguageError as error:
            reader.say(path, str(error))
    return None


def _often(reader: Reader, at: Path, content: Mapping[str, Any]) -> None:
    """repeat and limit go together.  limit = 1 beside a repeat may be said, as one setting among others of a study."""
    repeat, limit = reader.measured((*at, "repeat"), content.get("repeat"), ["min"]), content.get("limit", 1)
    if repeat is not None and not 0 < repeat <= MOST_DURATION:
        reader.say((*at, "repeat"), f"'{content['repeat']}' is not above 0 and at most 400 d")
    if "repeat" in content and not reader.has(content, at, "limit"):
        reader.say((*at, "repeat"), "repeat needs limit, how often the rule acts in all")
    if limit > 1 and not reader.has(content, at, "repeat"):
        reader.say((*at, "limit"), f"limit = {limit} needs repeat, the time from one act to the next")


def _act(reader: Reader, at: Path, content: Mapping[str, Any], named: Mapping[str, str]) -> None:
    """What is done: give or do, and what goes with it."""
    do = content.get("do")
    if do is None:
        if not reader.has(content, at, "give") and not reader.has(content, at, "do"):
            reader.say(at, 'does nothing: give = { drug, amount, route } or do = "stop" is needed')
    elif do != "stop" and do not in reader.words.treatments:
        reader.say((*at, "do"), f"unknown act '{do}'{hint(do, ('stop', *reader.words.treatments))}")
    if reader.has(content, at, "give") and reader.has(content, at, "do"):
        reader.say((*at, "do"), "a rule has give or do, not both; two rules may have the same condition")
    if do == "stop":
        _stop(reader, at, content, named)
    elif "what" in content:
        reader.say((*at, "what"), 'what says what do = "stop" stops, and is of no use here')


def _stop(reader: Reader, at: Path, content: Mapping[str, Any], named: Mapping[str, str]) -> None:
    """A stop ends named things for good, so that once is enough."""
    if not reader.has(content, at, "what"):
        reader.say((*at, "do"), "needs what = [...], the names of doses and rules to be stopped")
    elif "what" in content and not content["what"]:
        reader.say((*at, "what"), "is empty: name the doses and rules to be stopped")
    for number, name in enumerate(content.get("what", [])):
        if name is not None and name == content.get("name"):
            reader.say((*at, "what", number), "a rule does not stop itself: it acts `limit` times and sleeps")
        elif name is not None and name not in named:
            reader.say((*at, "what", number), f"no dose or rule is named '{name}'{_listed(name, named)}")
    for key in ("repeat", "reset"):
        if key in content:
            reader.say((*at, key), "what is stopped stays stopped: once is enough")
    if content.get("limit", 1) > 1:
        reader.say((*at, "limit"), "what is stopped stays stopped: once is enough")


def _listed(name: str, named: Iterable[str]) -> str:
    return hint(name, named, "named are") or ("" if named else "; no dose or rule has a name")
