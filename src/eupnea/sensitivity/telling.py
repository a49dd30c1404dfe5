"""What was found, told: the record of sensitivity.json, its order and its sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from eupnea import __version__, knowledge
from eupnea.core.rows import GRADES
from eupnea.language import Outcome
from eupnea.person import library
from eupnea.scenario import Scenario

from .answers import Answers, Key, Model, kind_of
from .design import Shares
from .factors import OTHERS, Factor

Array = np.ndarray
SPAN: Final = (0.05, 0.5, 0.95)
MOST_MISSING: Final = 0.05  # of the draws: with more, the rest is another question
SAME: Final = 1e-9  # values that differ by less of their size are one
MATTERS: Final = 0.01  # a total index of less is not told first
MOST: Final = 0.9  # of the variance, in sentences
WEAK: Final = ("assumed", "borrowed")


@dataclass(frozen=True)
class Found:
    """All that was computed.  effects: mu*, sigma and mean square of the factors; shares: of those looked at."""

    factors: Sequence[Factor]
    looked_at: Sequence[Factor]
    effects: Mapping[Key, tuple[Array, Array, Array]]
    shares: Mapping[Key, Shares | None]
    answers: Answers
    typical: Mapping[Key, Array]  # (people,)
    between: Mapping[Key, Array]  # (people,) all numbers at their typical values


def why_not(values: Array) -> str:
    """Why the variance of an outcome cannot be shared out; nothing if it can."""
    there = values[np.isfinite(values)]
    if there.size < (1 - MOST_MISSING) * values.size:
        return f"has no value in {values.size - there.size} of {values.size} runs"
    return "does not vary" if np.ptp(there) <= SAME * np.abs(there).max(initial=0.0) else ""


def document(
    job: Scenario,
    model: Model,
    found: Found,
    about: Mapping[str, Any],
    restless: Mapping[str, int],
    failures: Mapping[str, int],
) -> dict[str, Any]:
    """The content of sensitivity.json."""
    lib = library(job.model)
    numbers = {
        number.name: {
            "value": number.row.value, "unit": number.row.unit, "times": number.row.times, "grade": number.row.grade,
            "source": number.row.source, "where": number.row.where, "note": number.row.note,
            "rse": knowledge.rse(number.row, number.name, lib), "scale": "logit" if number.share else "logarithm",
        }
        for number in model.numbers
    }  # fmt: skip
    arms = {
        arm.name: {
            "restless": restless[arm.name],
            "failures": failures[arm.name],
            "outcomes": {
                one.text: _outcome(one, (arm.name, one.text), found, about, len(numbers)) for one in job.outcomes
            },
        }
        for arm in job.arms
    }
    return {
        "scenario": job.title, "version": __version__, "model": job.model, "seed": job.people.seed, **about,
        "grades": {grade: sum(each["grade"] == grade for each in numbers.values()) for grade in GRADES},
        "exact": len(model.work.solver.system.parameters) - len({number.place for number in model.numbers}),
        "numbers": numbers,
        "arms": arms,
    }  # fmt: skip


def _outcome(outcome: Outcome, key: Key, found: Found, about: Mapping[str, Any], numbers: int) -> dict[str, Any]:
    values, kind, shares = found.answers.values[key], kind_of(outcome), found.shares[key]
    known = values[: 2 * about["draws"]]  # the samples in which every number has been drawn
    entries, others = _entries(found, key)
    typical = found.typical[key][np.isfinite(found.typical[key])]
    value = None if not typical.size else float(typical.mean() if kind == "share" else np.median(typical))
    reason, groups = why_not(values), len(found.factors) if about["by"] == "process" else 0
    return {
        "unit": outcome.unit,
        "kind": kind,
        "value": value,
        "between_people": _span(found.between[key], kind) if key in found.between else None,
        "knowledge": _span(known, kind if about["people"] == 1 else "quantity"),
        "never": found.answers.never[key],
        "why_not": reason or None,
        "sentence": f"{outcome.text} {reason}."
        if reason
        else _sentence(outcome.text, entries, others, numbers, groups),
        "additive": None if shares is None else float(np.clip(shares.first, 0, None).sum()),
        "numbers": entries,
        "others": others,
    }


def _span(values: Array, kind: str) -> dict[str, Any]:
    """From the 5 % to the 95 % quantile; of yes and no the share."""
    there = values[np.isfinite(values)]
    if kind == "share" or not there.size:
        share = float(there.mean()) if there.size else None
        return {"low": None, "median": share, "high": None, "n": int(there.size)}
    low, median, high = (float(q) for q in np.quantile(there, SPAN))
    return {"low": low, "median": median, "high": high, "n": int(there.size)}


def _entries(found: Found, key: Key) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """(a record of every factor that moves an outcome, weak grades first where they matter; one of all others)."""
    mean, spread, _ = found.effects[key]
    shares = found.shares[key]
    place = {factor.name: i for i, factor in enumerate(found.looked_at)}
    entries: list[dict[str, Any]] = []
    for i, factor in enumerate(found.factors):
        single = len(factor.numbers) == 1
        entry: dict[str, Any] = {
            "name": factor.name, "grade": _grade(factor), "numbers": len(factor.numbers), "mu_star": float(mean[i]),
            "sigma": float(spread[i]) if single else None, **_indices(shares, place.get(factor.name)),
        }  # fmt: skip
        if entry["mu_star"] > 0 or entry["total"]:
            entries.append(entry)
    others = None
    if OTHERS in place:
        rest = found.looked_at[place[OTHERS]]
        others = {"numbers": len(rest.numbers), **_indices(shares, place[OTHERS])}
    return sorted(entries, key=_order), others


def _indices(shares: Shares | None, place: int | None) -> dict[str, float | None]:
    if shares is None or place is None:
        return dict.fromkeys(("first", "first_low", "first_high", "total", "total_low", "total_high"))
    first, total = shares.first_interval, shares.total_interval
    return {
        "first": float(shares.first[place]), "first_low": float(first[0, place]), "first_high": float(first[1, place]),
        "total": float(shares.total[place]), "total_low": float(total[0, place]), "total_high": float(total[1, place]),
    }  # fmt: skip


def _grade(factor: Factor) -> str:
    """The grade of a number, or how many of each grade, the weakest first."""
    if len(factor.numbers) == 1:
        return factor.numbers[0].row.grade
    counts = Counter(number.row.grade for number in factor.numbers)
    return ", ".join(f"{counts[grade]} {grade}" for grade in reversed(GRADES) if counts[grade])


def _order(entry: Mapping[str, Any]) -> tuple[int, int, float, float]:
    """What matters, the weakest grade first; then the others by what they move."""
    matters = (entry["total"] or 0.0) >= MATTERS
    grade = entry["grade"]
    weakness = GRADES[::-1].index(grade) if matters and grade in GRADES else 0
    return 0 if matters else 1, weakness, -(entry["total"] or 0.0), -entry["mu_star"]


def ordered(document: Mapping[str, Any]) -> str:
    """In which order a record tells numbers, in words: not in that of what they account for."""
    if document.get("by") == "process":
        return "what accounts for most of the variance first"
    grades = ", ".join(reversed(GRADES))
    matters = f"of what accounts for {100 * MATTERS:g} % of the variance or more"
    return f"{matters} the weakest grade first ({grades}), then the rest"


def _sentence(
    outcome: str, entries: Sequence[Mapping[str, Any]], others: Mapping[str, Any] | None, numbers: int, groups: int
) -> str:
    """How many of the numbers, or of so many groups, account for most of an outcome's variance: total indices, scaled
    to 1."""
    ranked = sorted((e for e in entries if (e["total"] or 0) > 0), key=lambda entry: -entry["total"])
    rest = max((others or {}).get("total") or 0.0, 0.0)
    whole = sum(entry["total"] for entry in ranked) + rest
    what = f"Of {groups} processes" if groups else f"Of {numbers} numbers"
    reached, some = 0.0, list[Mapping[str, Any]]()
    for entry in ranked:
        if reached >= MOST * whole:
            break
        reached += entry["total"]
        some.append(entry)
    if reached >= MOST * whole:
        verb = "accounts" if len(some) == 1 else "account"
        text = f"{what} {len(some)} {verb} for {100 * MOST:.0f} % of the variance of {outcome}"
    else:
        text = f"{what} the {len(some)} that were looked at one by one account for"
        text += f" {100 * reached / whole:.0f} % of the variance of {outcome}"
    if groups:
        return f"{text}: {', '.join(entry['name'] for entry in some)}."
    weak = sum(entry["grade"] in WEAK for entry in some)
    return f"{text}; {weak or 'none'} of them {'is' if weak in (0, 1) else 'are'} assumed or borrowed."
