"""Rules that cannot do what they say, found before anybody is run: one that never fires, one that undoes another."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from eupnea.language import Condition, Vocabulary

from .reader import Reader
from .records import Arm, Dose, Rule

_NEVER_BELOW_0: Final = ("mmHg", "1/min", "L", "mm", "mg", "nmol/L", "%")  # units of signals; flows may go both ways
_SHARES: Final = ("alertness", "rigidity", "airway_open", "airway_held", "cardiac_arrest", "compressions")
_FLOWS: Final = ("minute_ventilation", "alveolar_ventilation", "cardiac_output")
Held = Mapping[str, tuple[float, float]]  # signal -> (least, most) where a laboratory holds it


def conflicts(reader: Reader, rules: Sequence[Rule], doses: Sequence[Dose], arms: Sequence[Arm], held: Held) -> None:
    """Say of each rule why it can never fire, and of each stop what it stops before that begins."""
    places = {one.get("name"): n for n, one in enumerate(reader.tree.get("rule", [])) if isinstance(one, dict)}
    given = {arm.name: _given(rules, doses, arm, held, reader.words) for arm in arms}
    for rule in rules:
        mine = [arm for arm in arms if arm.has(rule)]
        if not mine:
            reader.note(("rule", places[rule.name]), f"no arm has the rule '{rule.name}'")
        for key, one in (("when", rule.when), ("reset", rule.reset)):
            if one is None or not mine:
                continue
            reasons = [_never(one, given[arm.name], held, reader.words) for arm in mine]
            if all(reasons):
                what = "the rule can never fire" if key == "when" else "the rule would never wake"
                reader.say(("rule", places[rule.name], key), f"'{one.text}' never comes true: {reasons[0]}; {what}")
        for other in rules:
            if rule.do == "stop" and other.name in rule.what and any(arm.has(other) for arm in mine):
                _undone(reader, places[rule.name], rule, other)
    _inert(reader, doses, rules)


def _given(rules: Iterable[Rule], doses: Iterable[Dose], arm: Arm, held: Held, words: Vocabulary) -> set[str]:
    """The drugs that get into the body in an arm: from doses, and from rules that may fire, one after another."""

    def become(given: Iterable[Dose]) -> set[str]:
        return {name for dose in given for name in words.becomes.get(dose.drug, (dose.drug,))}

    found = become(dose for dose in doses if arm.has(dose))
    asleep = [(rule.when, rule.give) for rule in rules if rule.give is not None and arm.has(rule)]
    while asleep:
        still = [(when, give) for when, give in asleep if _never(when, found, held, words)]
        if len(still) == len(asleep):
            break
        found |= become(give for when, give in asleep if (when, give) not in still)
        asleep = still
    return found


def _never(one: Condition, given: set[str], held: Held, words: Vocabulary) -> str:
    """Why a condition never holds, or nothing where it may."""
    absent = [drug for signal in (one.signal, one.other) if (drug := words.drug_of(signal)) and drug not in given]
    (low, high), (least, most) = (_reach(signal, given, held, words) for signal in (one.signal, one.other))
    if one.kind == "baseline":
        return _no_share(one, given, held, words, low)
    if one.kind == "value":
        least = most = one.value
    if _holds(one.op, high, least) if one.op[0] == ">" else _holds(one.op, low, most):
        return ""
    if absent:
        return f"nobody gets {' or '.join(dict.fromkeys(absent))}, nor anything that turns into it"
    if one.signal in held:
        return _held(one.signal, held, words)
    if low == high == 0:
        return f"{one.signal} stays 0, for nothing that is given moves it ({_names(given)})"
    unit = words.signals[one.signal]
    span = f"lies between {low:g} and {high:g}" if math.isfinite(high) else f"is never below {low:g}"
    return f"{one.signal} {span} {unit}".removesuffix(" 1") if unit != "1" else f"{one.signal} {span}"


def _no_share(one: Condition, given: set[str], held: Held, words: Vocabulary, low: float) -> str:
    """Why a signal never is so far from what it is at rest, or nothing where it may be."""
    if one.op == "<" and one.value == 0 <= low:
        return f"{one.signal} is never below 0"
    if _holds(one.op, 1.0, one.value):
        return ""
    if one.signal in held and len({*held[one.signal]}) == 1:
        return f"{_held(one.signal, held, words)}, at rest as well"
    if not words.acting or given & words.acting:
        return ""
    return f"nothing that is given acts on the body ({_names(given)}; a drug's [receptor] tables say what it binds to)"


def _names(given: set[str]) -> str:
    return " and ".join(sorted(given)) or "nothing"


def _held(signal: str, held: Held, words: Vocabulary) -> str:
    low, high = held[signal]
    where = f"at {low:g}" if low == high else f"between {low:g} and {high:g}"
    return f"[clamp] holds {signal} {where} {words.signals[signal]}"


def _reach(signal: str, given: set[str], held: Held, words: Vocabulary) -> tuple[float, float]:
    """(least, most) that a signal can be, as far as is known before the run."""
    drug, unit = words.drug_of(signal), words.signals.get(signal, "")
    if (drug and drug not in given) or (signal in words.at_rest and signal in words.quiet(frozenset(given))):
        return 0.0, 0.0
    if signal in held:
        return held[signal]
    if unit == "%":
        return 0.0, 100.0
    if unit == "1" and (signal in _SHARES or drug or signal.endswith(".activation")):
        return 0.0, 1.0
    return (0.0 if unit in _NEVER_BELOW_0 or signal in _FLOWS else -math.inf), math.inf


def _holds(op: str, left: float, right: float) -> bool:
    if left == right:
        return op in ("<=", ">=")
    return left > right if op[0] == ">" else left < right


def _undone(reader: Reader, place: int, stop: Rule, other: Rule) -> None:
    """A rule that is stopped by the very condition that starts it, and not later."""
    if stop.when.key != other.when.key or stop.wait.typical > other.wait.typical:
        return
    mend = "give the stop another condition, or a longer wait, or part them by arms"
    reader.say(
        ("rule", place, "what"),
        f"'{stop.name}' stops '{other.name}' when that is to begin ('{other.when.text}', after "
        f"{other.wait.typical:g} min): they contradict each other; {mend}",
    )


def _inert(reader: Reader, doses: Sequence[Dose], rules: Sequence[Rule]) -> None:
    """Drugs that, with all that they turn into, act on nothing in this model."""
    words, seen = reader.words, set[str]()
    given = [(dose, "dose") for dose in doses] + [(rule.give, "rule") for rule in rules if rule.give is not None]
    for dose, kind in given:
        chain = words.becomes.get(dose.drug, (dose.drug,))
        if not words.acting or dose.drug in seen or words.acting & {*chain}:
            continue
        seen.add(dose.drug)
        text = f"{dose.drug} has no binding data, nor has what it turns into: in this model it acts on nothing"
        reader.note((kind,), text)
