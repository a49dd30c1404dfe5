"""What a run rests on, told for its report and manifest: numbers, works cited, flows, warnings."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from eupnea import __version__
from eupnea import people as crowd
from eupnea.contrasts import contrasts
from eupnea.core import quantity
from eupnea.core.rows import Row
from eupnea.language import Outcome
from eupnea.outcomes import COUNTED, FUNCTIONS
from eupnea.person import library, vocabulary

if TYPE_CHECKING:
    from eupnea.results import ArmResult, Run
    from eupnea.scenario import Scenario

_KEY = re.compile(r"\[([^\]\[]+)\]")
_CITATION = re.compile(r"\b([a-z]+[12]\d{3}[a-z]?)\b")
_NAMED = 100  # people who failed, listed by name in the manifest


def manifest(run: Run) -> dict[str, Any]:
    """All that must stand beside the results so that they can be judged and made again."""
    system = run.solver.system
    processes = {copy.process.name: copy.process.doc.split("\n")[0] for copy in system.copies}
    failures = [
        {"arm": arm, "person": person, "reason": reason}
        for arm, result in run.results.items()
        for person, reason in result.failures.items()
    ]
    return {
        "version": __version__,
        "model": run.scenario.model,
        "seed": run.scenario.people.seed,
        "knowledge": run.knowledge,
        "people": run.people,
        "backend": f"compiled, {platform.machine()}, {run.threads} threads, tolerance {run.tolerance:g}",
        "jacobian": f"exact, all {len(run.solver.native.entries)} entries of {len(system.pools)} pools",
        "wall_time": run.wall_time,
        "scenario": run.scenario.title,
        "scenario_hash": run.scenario.digest,
        "order": [name for name in run.order if name in processes],
        "processes": processes,
        "warnings": list(run.warnings),
        "failures": failures[:_NAMED],
        "conservation": {family: _worst_loss(run, family) for family in run.solver.families},
        "drugs": {name: _drug(run, name) for name in _chain(run)},
        "signals": {
            name: {"unit": system.signals[name], "title": system.titles[name]}
            for name in system.signals
            if name in run.signals
        },
        "asked": {outcome.text: _about(outcome, run.scenario.model) for outcome in run.scenario.outcomes},
        "acts": {arm: _acts(result.acts) for arm, result in run.results.items()},
        "given": {arm: _given(result.amounts) for arm, result in run.results.items()},
        "events": {arm: list(result.typical.events) for arm, result in run.results.items()},
        "beating": _beating(run),
        "contrasts": contrasts(run),
        "flows": _flows(run),
        "left": {arm: _left(run, result.typical.final) for arm, result in run.results.items()},
        "numbers": run.numbers(),
        "sources": cited(run),
    }


def _about(outcome: Outcome, model: str) -> str:
    """What an outcome is about, in words: its signal's title, or its own line where it is just a name."""
    if outcome.function in COUNTED:
        return FUNCTIONS[outcome.function][2]
    signal = outcome.condition.signal if outcome.condition else outcome.signal
    return vocabulary(model).titles.get(signal or outcome.function, "")


def _beating(run: Run) -> dict[str, Any]:
    """The share of people whose heart beats, over time: {} where it is not followed."""
    arms = {arm: result.beating for arm, result in run.results.items()}
    if run.people == 1 or any(shares is None for shares in arms.values()):
        return {}
    return {"time": run.clock, "arms": arms}


def _worst_loss(run: Run, family: str) -> float:
    return max(result.typical.loss[family] for result in run.results.values())


def _drug(run: Run, name: str) -> dict[str, Any]:
    drug = library(run.scenario.model).drugs[name]
    population = str(drug.domain.get("population", ""))
    return {"title": drug.title, "family": drug.family, "molar_mass": drug.molar_mass, "population": population}


def _chain(run: Run) -> list[str]:
    """The drugs of a run: what is given first, then what it turns into, step by step."""
    found: list[str] = []
    waiting = sorted({drug for result in run.results.values() for drug, _ in result.amounts})
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found.append(name)
            tables = library(run.scenario.model).drugs[name].tables
            waiting += [table.into for table in tables.values() if table.into]
    return found


def _given(amounts: Mapping[tuple[str, str], float]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for (drug, route), nmol in amounts.items():
        found.setdefault(drug, {})[route] = nmol
    return found


def _acts(acts: Mapping[str, np.ndarray]) -> dict[str, dict[str, int]]:
    """How often each rule acted, and for how many people."""
    return {name: {"acts": int(each.sum()), "people": int((each > 0).sum())} for name, each in acts.items()}


def _flows(run: Run) -> list[dict[str, Any]]:
    """Every flow between pools, with what went along it in the typical person of each arm [nmol]."""
    owner = {signal: copy for copy in run.solver.system.copies for signal, _ in copy.names}
    return [
        {
            "signal": signal,
            "drug": owner[signal].drug,
            "module": owner[signal].process.name,
            "part": owner[signal].part,
            "from": leaves,
            "to": enters,
            "total": {arm: None if r.typical.failure else run.total(signal, arm) for arm, r in run.results.items()},
        }
        for signal, leaves, enters in run.solver.native.paths
    ]


def _left(run: Run, final: np.ndarray) -> dict[str, float]:
    system = run.solver.system
    amounts = zip(system.pools, system.units, final, strict=True)
    return {pool: float(amount) for pool, unit, amount in amounts if unit == "nmol"}


def numbers(run: Run) -> list[dict[str, Any]]:
    """Every number that the run used, those set by the scenario as they were set."""
    arms = {arm.name: run.scenario.setting(arm) for arm in run.scenario.arms}
    return [_number(row, {name: setting.get(row.path) for name, setting in arms.items()}) for row in _rows(run)]


def _number(row: Row, arms: Mapping[str, float | None]) -> dict[str, Any]:
    """A row as it was used; arms: what each of them sets it to.  A paper's name never stands on a number of ours."""
    told = {
        "quantity": row.path, "value": row.value, "unit": row.unit, "source": row.source, "where": row.where,
        "grade": row.grade, "note": row.note, "cv": row.cv, "rse": row.rse,
    }  # fmt: skip
    ours = {name: value for name, value in arms.items() if value is not None}
    if ours and len(set(arms.values())) == 1:
        note = f"set by the scenario; the data has {row.value:g} {row.unit} ({row.source}, {row.grade})"
        told |= {"value": min(ours.values()), "source": "assumed", "where": "", "grade": "assumed", "note": note}
    elif ours:
        told["note"] = "; ".join([*(f"{value:g} {row.unit} in arm '{name}'" for name, value in ours.items()), row.note])
    return told


def _rows(run: Run) -> list[Row]:
    lib = library(run.scenario.model)
    who = crowd.cast(run.scenario.people, lib)
    rows = [row for drug in run.solver.system.drugs for row in lib.drugs[drug].head.values()]
    rows += run.solver.system.rows
    used = {*run.solver.system.parameters}
    for word, chosen in who.words.items():
        levels = [lib.people.get(word, {}).get(str(level), {}) for level in np.unique(chosen)]
        rows += [row for level in levels for path, row in level.items() if path in used]
    files = [*("size", "adult")[: 1 + who.vary], *(["abstinent"] if who.measures["abstinent"].any() else [])]
    rows += [row for file in files for table in lib.people[file].values() for row in table.values()]
    rows += crowd.trends_of(lib, who, used)
    return rows + ([row for a, b, row in lib.pairs if {a, b} <= used] if who.vary else [])


def cited(run: Run) -> dict[str, str]:
    """key -> BibTeX entry of every work that a number or an equation of the run rests on."""
    rows = _rows(run)
    keys = {row.source for row in rows} | {key for row in rows for key in _CITATION.findall(row.note)}
    for copy in run.solver.system.copies:
        keys |= {key for bracket in _KEY.findall(copy.process.doc) for key in _CITATION.findall(bracket)}
    return {key: entry for key, entry in library(run.scenario.model).sources.items() if key in keys}


def warnings(job: Scenario, who: crowd.Cast, given: Sequence[str], results: Mapping[str, ArmResult]) -> Iterable[str]:
    """What a reader of the results must know: where a run leaves a drug's [domain], and what could not be computed."""
    yield from dict.fromkeys(_outside(job, who, given))
    yield from (note.text for note in job.notes)
    for arm, result in results.items():
        if (reason := result.typical.failure) is not None:
            yield f"the flows in arm '{arm}' are not known, as the run of the typical person failed: {reason}."


def _outside(job: Scenario, who: crowd.Cast, given: Sequence[str]) -> Iterable[str]:
    """Where a run leaves what a drug's numbers were made for: its [domain]."""
    ages = who.measures["age"]
    for name in given:
        drug = library(job.model).drugs[name]
        low, high = drug.domain.get("age", (0, np.inf))
        outside = int(np.sum((ages < low) | (ages > high)))
        if outside:
            share = "the person is" if who.count == 1 else f"{outside} of {who.count} people are"
            yield f"{share} outside the ages, {low:g} to {high:g} years, that the numbers of {drug.title} come from."
        most = drug.domain.get("max_dose")
        for dose in (*job.doses, *(rule.give for rule in job.rules if rule.give)):
            if dose.drug != name:
                continue
            routes = drug.domain.get("routes", [dose.route])
            if dose.route not in routes:
                yield f"{drug.title} by route '{dose.route}' is outside its domain ({', '.join(routes)})."
            amount, unit = dose.amount.extremes[1] * dose.purity, dose.amount.unit
            if unit.endswith("/kg"):
                amount, unit = amount * float(np.median(who.measures["weight"])), unit.removesuffix("/kg")
            if most is None:
                continue
            limit = quantity.convert(most["value"], most["unit"], unit, drug.molar_mass)
            if amount > limit:
                told = f"{amount:g} {unit} of {drug.title} is above {limit:g} {unit}"
                yield f"{told}, the largest dose that its numbers come from."
