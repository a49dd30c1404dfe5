"""Numbers, amounts and scenarios as people say them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final

from eupnea.figures.names import ROUTES

SHORT: Final = dict(mam="6-MAM", m3g="M3G", m6g="M6G", acetylcodeine="acetylcodeine")
HELD: Final = dict(petco2="End-tidal carbon dioxide", peto2="End-tidal oxygen", fio2="Inspired oxygen")
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_CITED: Final = re.compile(r"\s*\[[^\]]*\]")
_PEOPLE: Final = {"egfr": "eGFR", "bche": "BChE", "ugt2b7": "UGT2B7", "opioid_use": "opioid use"}


def number(value: float | None, digits: int = 3) -> str:
    """Three digits, powers of ten raised; a dash where there is no number."""
    if value is None:
        return "–"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if value == 0 or 1e-3 <= abs(value) < 1e6:
        text = f"{float(f'{value:.{digits}g}'):,.10f}".rstrip("0").rstrip(".")
        return text.replace("-", "−")
    mantissa, power = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa.replace('-', '−')} × 10{str(int(power)).translate(_RAISED)}"


def unit(text: str) -> str:
    if text == "1":
        return ""
    if text.startswith("1/") and text[2:].isalpha():
        return f"{text[2:]}⁻¹"
    return text.replace("*", "·").replace("^2", "²").replace("umol", "µmol").replace("ug", "µg")


def measured(value: float | None, own: str, kind: str = "quantity") -> str:
    """A value with its unit; a share in per cent."""
    if value is None:
        return "–"
    if kind == "share":
        return f"{number(100 * value)}\u202f%"
    return f"{number(value)}\u00a0{unit(own)}".rstrip("\u00a0")


def drug(name: str, title: str | None = None) -> str:
    """The short word for a drug, as it stands in pictures."""
    return SHORT.get(name) or (title or name).split(" (")[0]


def grades(numbers: Sequence[Mapping[str, Any]], order: Sequence[str]) -> tuple[str, list[tuple[str, int]]]:
    """The sentence that counts the grades, and the counts."""
    counts = [(grade, sum(row["grade"] == grade for row in numbers)) for grade in order]
    said = ", ".join(f"{count} {grade}" for grade, count in counts if count)
    return f"Of {len(numbers)} numbers: {said}.", [(grade, count) for grade, count in counts if count]


def asked(
    scenario: Mapping[str, Any], titles: Mapping[str, str], processes: Mapping[str, str] = MappingProxyType({})
) -> list[str]:
    """What a scenario asks, in sentences.  titles: of drugs; processes: the line that tells of each."""
    said = [_who(scenario)]
    said += [_dose(dose, titles) for dose in scenario.get("dose", [])]
    if "duration" in scenario:
        said.append(f"All is followed for {_value(scenario['duration'])}.")
    for rule in scenario.get("rule", []):
        said.append(_rule(rule))
    said += [_held(key, given) for key, given in scenario.get("clamp", {}).items()]
    if scenario.get("set"):
        said.append(f"Set by hand: {_settings(scenario['set'])}.")
    arms = [_arm(arm) for arm in scenario.get("arm", [])]
    if arms:
        said.append(f"Compared, in the same people with the same random numbers: {'; '.join(arms)}.")
    return said + _told(scenario, processes)


def _who(scenario: Mapping[str, Any]) -> str:
    people = scenario.get("people")
    if people is None:
        person = _pairs(scenario.get("person", {}))
        return f"One person{', ' + person if person else ''}; everything else at its typical value."
    known = {key: value for key, value in people.items() if key not in ("count", "seed", "table", "columns", "vary")}
    count = people.get("count")
    who = f"{number(count, 9)} virtual people" if count else f"The people of {people.get('table', 'a table')}"
    return f"{who}{': ' + _pairs(known) if known else ''}."


def _dose(dose: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    name = str(dose.get("drug", ""))
    words = [f"{_spread(dose.get('amount'))} of {titles.get(name, name)}"]
    if "form" in dose:
        words[-1] += f" as {dose['form']}"
    if "purity" in dose:
        words[-1] += f", purity {_value(dose['purity'])}"
    words.append(ROUTES.get(dose.get("route", ""), f"by the route {dose.get('route', '')}"))
    if "over" in dose:
        words.append(f"over {_value(dose['over'])}")
    words.append(f"at {_value(dose.get('time', '0 min'))}")
    if dose.get("steady"):
        words.append(f"and, for long before it, every {_value(dose.get('every', ''))}")
    if "every" in dose and dose.get("count", 1) > 1:
        words.append(f"and every {_value(dose['every'])} from then on, {dose['count']} times in all")
    said = " ".join(words)
    return f"{str(dose['name']).capitalize()}: {said}." if dose.get("name") else f"{said[:1].upper()}{said[1:]}."


def _rule(rule: Mapping[str, Any]) -> str:
    """When something is done, for whom, what, how often."""
    chance = rule.get("chance", 1)
    lead = f"Rule “{rule.get('name', '')}”: "
    if chance < 1:
        lead += f"for {number(100 * chance)}\u202f% of people, "
    said = f"{lead}when {rule.get('when', '')}"
    if "wait" in rule:
        said += f", after {_spread(rule['wait'])}"
    said += f", {_given(rule['give']) if 'give' in rule else str(rule.get('do', '')).replace('_', ' and ')}"
    if rule.get("what"):
        said += f" of {', '.join(rule['what'])}"
    if "over" in rule:
        said += f" for {_value(rule['over'])}"
    if rule.get("limit", 1) > 1:
        said += f", and every {_value(rule.get('repeat', ''))} from then on, at most {rule['limit']} times"
        said += ", as long as that holds" if rule.get("recheck") else ""
    if "reset" in rule:
        said += f", and all of it anew once {rule['reset']}"
    return f"{said}{f' (by {by})' if (by := rule.get('by')) else ''}."


def _given(give: Mapping[str, Any]) -> str:
    """What a rule gives."""
    words = [f"{_spread(give.get('amount'))} of {give.get('drug', '')}"]
    if "form" in give:
        words[-1] += f" as {give['form']}"
    if "purity" in give:
        words[-1] += f", purity {_value(give['purity'])}"
    words.append(ROUTES.get(give.get("route", ""), ""))
    if "product" in give:
        words.append(f"({str(give['product']).replace('_', ' ')})")
    if "over" in give:
        words.append(f"over {_value(give['over'])}")
    return " ".join(word for word in words if word)


def _held(key: str, given: Any) -> str:
    """What a laboratory holds, all the time or from pair to pair."""
    if key == "bag":
        shares = (
            f"{number(100 * given['co2'])}\u202f% of carbon dioxide and {number(100 * given['o2'])}\u202f% of oxygen"
        )
        when = f"from {given.get('time', '0 min')} on, for {given['over']}"
        return f"A bag of {given['volume']} with {shares} is breathed from and into, {when}."
    name = HELD.get(key, key)
    if not isinstance(given, list):
        return f"{name} is held at {_value(given)}."
    parts = [f"{_value(given[0][1])} from {given[0][0]}"]
    for (last, before), (time, level) in pairwise(given):
        if level == "free":
            parts.append(f"free from {time}")
        elif before == "free" or time == last:
            parts.append(f"{_value(level)} from {time}")
        elif level != before:
            parts.append(f"from {last} in a straight line to {_value(level)} at {time}")
    return f"{name} is held: {', '.join(parts)}."


def _arm(arm: Mapping[str, Any]) -> str:
    more = []
    if arm.get("without"):
        more.append("without " + ", ".join(arm["without"]))
    if "only" in arm:
        more.append("only " + (", ".join(arm["only"]) or "the unnamed doses"))
    if arm.get("set"):
        more.append("with " + _settings(arm["set"]))
    if arm.get("against"):
        more.append(f"against “{arm['against']}”")
    return f"“{arm.get('name', '')}”{' (' + ', '.join(more) + ')' if more else ''}"


def _settings(table: Mapping[str, Any]) -> str:
    """Quantities that are set, by what they belong to: `chemoreflex.central_gain` is the chemoreflex's central gain."""
    groups: dict[str, list[str]] = {}
    for path, value in _leaves(table):
        *owner, name = path.split(".")
        groups.setdefault(" ".join(owner), []).append(f"{name} {_value(value)}".replace("_", " ", name.count("_")))
    return "; ".join(f"{owner.replace('_', ' ')}: {', '.join(pairs)}" for owner, pairs in groups.items())


def _leaves(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Paths and values of settings, which may be written as dotted keys or as tables."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def _told(scenario: Mapping[str, Any], processes: Mapping[str, str]) -> list[str]:
    """What the processes do of which numbers are set, one sentence each."""
    tables = [scenario.get("set", {}), *(arm.get("set", {}) for arm in scenario.get("arm", []))]
    words = {word for table in tables for path, _ in _leaves(table) for word in path.split(".")[:-1]}
    lines = {name: _CITED.sub("", line).strip() for name, line in processes.items() if name in words}
    return [
        f"{name.capitalize().replace('_', ' ')}, of which numbers are set: {_inside(line)}"
        for name, line in lines.items()
    ]


def _inside(line: str) -> str:
    """A sentence's words inside another: a capital stays where it is of a name such as UGT2B7."""
    return line if line[1:2].isupper() else f"{line[:1].lower()}{line[1:]}"


def _pairs(table: Mapping[str, Any]) -> str:
    return ", ".join(f"{_PEOPLE.get(key, key)} {_value(value)}" for key, value in table.items())


def _spread(value: Any) -> str:
    """An amount or a time, which may be a distribution, inside a sentence."""
    if isinstance(value, Mapping):
        for middle, width in (("median", "cv"), ("mean", "sd")):
            if middle in value:
                return f"a {middle} of {_value(value[middle])} ({width.upper()} {_value(value[width])})"
        if "low" in value:
            return f"{_value(value['low'])} to {_value(value['high'])}"
    return _value(value)


def _value(value: Any) -> str:
    """A value or a distribution of a scenario file in words."""
    if isinstance(value, Mapping):
        spread = {"cv": "CV", "sd": "SD"}
        words = [f"{spread.get(key, key.replace('_', ' '))} {_value(part)}" for key, part in value.items()]
        return f"({', '.join(words)})"
    if isinstance(value, (list, tuple)):
        return " to ".join(_value(part) for part in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number(value) if isinstance(value, (int, float)) else str(value)
