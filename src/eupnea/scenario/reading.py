"""From the tree of a scenario file to records: names, units, ranges and what goes with what.

Everything that is wrong is collected, each with its line; only a scenario without a problem gives records.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from eupnea.language import Outcome, Vocabulary, collapse, outcome
from eupnea.lines import Path
from eupnea.values import LanguageError, hint

from . import clamp, conflicts, controls, doses, order, rules, who
from .reader import MOST_DURATION, Reader
from .records import MODEL, POINTS, Arm, Dose, Output, People

_BREATHING: Final = {"minute_ventilation": "minutes(minute_ventilation < 0.5 L/min)", "spo2": "lowest(spo2)"}
_DOSES: Final = "doses_used"
_MOST_POINTS: Final = 100_000
_MOST_MEMORY: Final = 4e9  # bytes, of all that is kept of a run's people
_USUAL_SIGNALS: Final = 40  # about as many as are recorded when none is named
_NUMBERS: Final = 400  # that are kept of a person beside time courses


def read(reader: Reader) -> dict[str, Any]:
    """The fields of a Scenario.  Only to be used if reader.problems is empty afterwards."""
    tree = reader.tree
    duration = _duration(reader)
    end = duration or math.inf
    reader.named(("model",), tree.get("model", MODEL), reader.words.models, "model")
    people = who.people(reader)
    asleep = who.sleep(reader, end)
    every_dose = doses.doses(reader, end)
    every_rule = rules.rules(reader, end)
    arms = _arms(reader)
    doses.steady_period(reader, every_dose, arms)
    doses.not_too_many(reader, every_dose, arms, end)
    if people.typical:
        _one_value_each(reader)
    output = _output(reader, end, people)
    _memory(reader, end, output, people, len(arms))
    given = tuple(dose for dose in every_dose if dose is not None)
    by_rules = tuple(rule.give for rule in every_rule if rule.give is not None)
    setting = _set(reader, ("set",), tree.get("set"))
    order.order(reader, setting, arms, people.table)
    held = clamp.clamp(reader, every_rule, end, setting, {name for arm in arms for name in arm.set})
    _not_tabled(reader, people, {("clamp",): held.set, ("people", "sleep"): asleep, ("set",): setting})
    _not_tabled(reader, people, {("arm", number, "set"): arm.set for number, arm in enumerate(arms)})
    if (len(given), len(every_rule)) == tuple(len(tree.get(key, [])) for key in ("dose", "rule")):
        conflicts.conflicts(reader, every_rule, given, arms, held.still)  # else who gives what is not known
    controls.controls(reader, given, every_rule, arms)
    return dict(
        title=collapse(tree.get("title") or "Untitled"),
        model=tree.get("model", MODEL),
        duration=duration or math.nan,
        outcomes=_outcomes(reader, end, given, by_rules),
        output=output,
        people=people,
        doses=given,
        rules=every_rule,
        arms=arms,
        set=_apart(reader, asleep, setting),
        clamp=held,
    )


def _duration(reader: Reader) -> float | None:
    duration = reader.measured(("duration",), reader.tree.get("duration"), ["min"])
    if duration is not None and not 0 < duration <= MOST_DURATION:
        reader.say(("duration",), f"'{reader.tree['duration']}' is not above 0 and at most 400 d")
        return None
    return duration


def _one_value_each(reader: Reader) -> None:
    """One typical person is given one amount after one wait."""
    for kind, keys in (("dose", (("amount",),)), ("rule", (("wait",), ("give", "amount")))):
        for position, content in enumerate(reader.tree.get(kind, [])):
            for key in keys:
                thing = content
                for word in key:
                    thing = thing.get(word) if isinstance(thing, dict) else None
                if isinstance(thing, dict):
                    wrong = "a distribution needs [people]; here one typical person takes part"
                    reader.say((kind, position, *key), wrong)
            if isinstance(content, dict) and content.get("chance", 1) < 1:
                wrong = "a chance needs [people]; here one typical person takes part, for whom somebody is there or not"
                reader.say((kind, position, "chance"), wrong)


# --- arms, settings, output, outcomes ------------------------------------------------------------------------------


def _arms(reader: Reader) -> tuple[Arm, ...]:
    named = [one for kind in ("dose", "rule") for one in reader.tree.get(kind, []) if isinstance(one, dict)]
    names = dict.fromkeys(one["name"] for one in named if one.get("name"))
    found: list[Arm] = []
    seen: dict[str, int] = {}
    for position, content in enumerate(reader.tree.get("arm", [])):
        if not isinstance(content, dict):
            continue
        at: Path = ("arm", position)
        name = collapse(content.get("name", ""))
        if name and name in seen:
            reader.say((*at, "name"), f"'{name}' is the name of arm {seen[name] + 1} already")
        seen.setdefault(name, position)
        if "without" in content and "only" in content:
            reader.say((*at, "only"), "an arm has without or only, not both")
        for key in ("without", "only"):
            for number, wanted in enumerate(content.get(key, [])):
                if wanted is not None and wanted not in names and not {("dose",), ("rule",)} & reader.dropped:
                    listed = hint(wanted, names, "named are") if names else "; no dose or rule has a name"
                    reader.say((*at, key, number), f"no dose or rule is named '{wanted}'{listed}")
        only = tuple(content["only"]) if "only" in content else None
        setting = _set(reader, (*at, "set"), content.get("set"))
        against = collapse(content.get("against", ""))
        found.append(Arm(name, tuple(content.get("without", [])), only, setting, against))
        if against and against == name:
            reader.say((*at, "against"), f"arm '{name}' is compared with itself; name another, or leave it out")
    _known(reader, found)
    return tuple(found) or (Arm(),)


def _known(reader: Reader, arms: list[Arm]) -> None:
    """Say where an arm is compared with one that is not there."""
    places = [n for n, content in enumerate(reader.tree.get("arm", [])) if isinstance(content, dict)]
    names = [arm.name for arm in arms]
    if not all(names):  # complained of already
        return
    for position, arm in zip(places, arms, strict=True):
        if arm.against and arm.against not in names:
            listed = hint(arm.against, names, "arms are")
            reader.say(("arm", position, "against"), f"no arm is named '{arm.against}'{listed}")


def _set(reader: Reader, at: Path, content: Any) -> dict[str, float]:
    """Quantity -> value in the quantity's own unit.  heroin.disposition.v1 = may stand with or without quotes."""
    found: dict[str, float] = {}
    known = reader.words.quantities
    for path, value in _leaves(content, at) if content else ():
        name = ".".join(str(word) for word in path[len(at) :])
        if name in reader.words.fixed:
            reader.say(path, reader.words.fixed[name])
            continue
        if not reader.named(path, name, known, "quantity"):
            continue
        if name in found:
            reader.say(path, f"{name} is set twice")
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            reader.say(path, f"must be text with a number and a unit, such as '1 {known[name]}'")
            continue
        text = value if isinstance(value, str) else f"{value:.17g}"
        number = reader.measured(path, text, [known[name]])
        if number is not None and number < 0:
            reader.say(path, f"'{text}' is negative")
        elif number is not None and (wrong := reader.words.outside(name, number)):
            reader.say(path, wrong)
        elif number is not None:
            found[name] = number
    return found


def _apart(reader: Reader, asleep: dict[str, float], given: dict[str, float]) -> dict[str, float]:
    """When people sleep and what else is set; one of them says it, not both."""
    for name in asleep.keys() & given.keys():
        reader.say(("set",), f"{name} is said by sleep of the people already: one of them, not both")
    return {**asleep, **given}


def _not_tabled(reader: Reader, people: People, said: Mapping[Path, Mapping[str, float]]) -> None:
    """What a table gives person by person is said nowhere else: it would have no effect there."""
    columns = people.table.columns if people.table is not None else {}
    for at, names in said.items():
        for name in sorted(names.keys() & columns.keys()):
            where = (*at, name) if at[-1] == "set" else at
            reader.say(where, f"{name} is a column of the table of people already: one of them, not both")


def _leaves(content: Any, at: Path) -> list[tuple[Path, Any]]:
    if not isinstance(content, dict) or not content:
        return [(at, content)]
    return [leaf for key, value in content.items() for leaf in _leaves(value, (*at, key))]


def _output(reader: Reader, end: float, people: People) -> Output:
    content = reader.tree.get("output", {})
    every = reader.measured(("output", "every"), content.get("every"), ["min"])
    if every is not None and not 0 < every <= MOST_DURATION:
        reader.say(("output", "every"), f"'{content['every']}' is not above 0")
        every = None
    if every is not None and math.isfinite(end) and end / every > _MOST_POINTS:
        reader.say(("output", "every"), f"gives more than {_MOST_POINTS:,} points; take a longer step")
    if "every" in content and "times" in content:
        reader.say(("output", "times"), "output has every or times, not both")
    times: list[float] = []
    for number, text in enumerate(content.get("times", [])):
        time = reader.measured(("output", "times", number), text, ["min"])
        if time is not None and not 0 <= time <= end:
            reader.say(("output", "times", number), f"'{text}' is not within the run, 0 to {end:g} min")
        elif time is not None:
            times.append(time)
    if "times" in content and not content["times"]:
        reader.say(("output", "times"), "is empty; leave it out for the usual times")
    signals = content.get("signals", [])
    for number, name in enumerate(signals):
        reader.named(("output", "signals", number), name, reader.words.signals, "signal")
    wanted = content.get("people", 0)
    if wanted > people.count:
        reader.say(("output", "people"), f"people = {wanted}, but only {people.count} take part")
    return Output(
        every, tuple(sorted(set(times))) if "times" in content else None, tuple(dict.fromkeys(signals)), wanted
    )


def _memory(reader: Reader, end: float, output: Output, people: People, arms: int) -> None:
    """Refuse what would not fit into memory: better now than after an hour."""
    points = POINTS if output.times is None else len(output.times)
    if output.every is not None and math.isfinite(end):
        points = int(end / output.every) + 1
    kept = arms * points * (len(output.signals) or _USUAL_SIGNALS) + _NUMBERS
    needed = 8.0 * people.count * kept
    if people.count > 1 and needed > _MOST_MEMORY:
        what = f"the time courses of {people.count:,} people take about {needed / 1e9:.0f} GB, 4 are the most"
        reader.say(("people", "count"), f"{what}; [output] with fewer signals or a longer every makes room for more")


def _outcomes(reader: Reader, end: float, given: tuple[Dose, ...], by_rules: tuple[Dose, ...]) -> tuple[Outcome, ...]:
    found: dict[str, Outcome] = {}
    asked = reader.tree.get("outcomes")
    usual = default_outcomes((*given, *by_rules), reader.words, bool(by_rules)) if asked is None else asked
    for number, text in enumerate(usual):
        if text is None:
            continue
        try:
            one = outcome(text, reader.words, end)
        except LanguageError as error:
            reader.say(("outcomes", number), f"'{collapse(text)[:120]}': {error}")
            continue
        if one.text in found:
            reader.say(("outcomes", number), f"'{one.text}' is asked twice")
        found[one.text] = one
    return tuple(found.values())


def default_outcomes(given: tuple[Dose, ...], words: Vocabulary, by_rules: bool = False) -> list[str]:
    """What is asked when nothing is: arrest, minutes without breath, lowest saturation; doses that rules gave, if there
    are such rules; each drug's peak and area, in the unit in which its field tells them."""
    found = [*words.outcomes, *(text for name, text in _BREATHING.items() if name in words.signals)]
    if by_rules and _DOSES in words.functions:
        found.append(_DOSES)
    for drug in dict.fromkeys(dose.drug for dose in given):
        signal = f"{drug}.arterial"
        if signal in words.signals:
            told = words.drugs[drug].told
            mass, _, volume = told.partition("/")
            found += [f"cmax({signal}) in {told}", f"tmax({signal})", f"auc({signal}) in {mass}*h/{volume}"]
    return found
