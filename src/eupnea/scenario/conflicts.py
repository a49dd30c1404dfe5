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
    for rule in rules:
        mine = [arm for arm in arms if arm.has(rule)]
        if not mine:
            reader.note(("rule", places[rule.name]), f"no arm has the rule '{rule.name}'")
        for key, one in (("when", rule.when), ("reset", rule.reset)):
            if one is None or not mine:
                continue
            reasons = [_never(one, _given(rule, rules, doses, arm, reader.words), held, reader.words) for arm in mine]
            if all(reasons):
                what = "the rule can never fire" if key == "when" else "the rule would never wake"
                reader.say(("rule", places[rule.name], key), f"'{one.text}' never comes true: {reasons[0]}; {what}")
        for other in rules:
            if rule.do == "stop" and other.name in rule.what and any(arm.has(other) for arm in mine):
                _undone(reader, places[rule.name], rule, other)
    _inert(reader, doses, rules)


def _given(rule: Rule, rules: Iterable[Rule], doses: Iterable[Dose], arm: Arm, words: Vocabulary) -> set[str]:
    """The drugs that are in the body in an arm, whether or not this rule acts."""
    others = [one.give for one in rules if one.give is not None and one is not rule and arm.has(one)]
    given = [*(dose for dose in doses if arm.has(dose)), *others]
    return {name for dose in given for name in words.becomes.get(dose.drug, (dose.drug,))}


def _never(one: Condition, given: set[str], held: Held, words: Vocabulary) -> str:
    """Why a condition never holds, or nothing where it may."""
    absent = [drug for signal in (one.signal, one.other) if (drug := words.drug_of(signal)) and drug not in given]
    (low, high), (least, most) = (_reach(signal, given, held, words) for signal in (one.signal, one.other))
    if one.kind == "baseline":
        if words.acting and not given & words.acting and not _holds(one.op, 1.0, one.value):
            names = " and ".join(sorted(given)) or "nothing"
            return f"nothing that is given acts on the body ({names}; a drug's [receptor] tables say what it binds to)"
        return ""
    if one.kind == "value":
        least = most = one.value
    if _holds(one.op, high, least) if one.op[0] == ">" else _holds(one.op, low, most):
        return ""
    if absent:
        return f"nobody gets {' or '.join(dict.fromkeys(absent))}, nor anything that turns into it"
    if one.signal in held:
        low, high = held[one.signal]
        where = f"at {low:g}" if low == high else f"between {low:g} and {high:g}"
        return f"[clamp] holds {one.signal} {where} {words.signals[one.signal]}"
    unit = words.signals[one.signal]
    span = f"lies between {low:g} and {high:g}" if math.isfinite(high) else f"is never below {low:g}"
    return f"{one.signal} {span} {unit}".removesuffix(" 1") if unit != "1" else f"{one.signal} {span}"


def _reach(signal: str, given: set[str], held: Held, words: Vocabulary) -> tuple[float, float]:
    """(least, most) that a signal can be, as far as is known before the run."""
    drug, unit = words.drug_of(signal), words.signals.get(signal, "")
    if drug and drug not in given:
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
