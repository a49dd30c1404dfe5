"""A scenario, run: every arm, every person, every outcome.

run = eupnea.run("iv_heroin")
run.outcomes()                      a frame: arm, outcome, value, unit, low, high, n, kind, failures
run.signal("mam.arterial")          a frame: time, value (bands for people), unit
run.sources()                       BibTeX of all that the numbers rest on
"""

from __future__ import annotations

import math
import os
import time as clock
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from eupnea import account
from eupnea import outcomes as asked
from eupnea import people as crowd
from eupnea.core import curve, quantity, witness
from eupnea.core.compose import start
from eupnea.core.curve import Curve
from eupnea.core.errors import InputErrors, Problem
from eupnea.core.reach import reached
from eupnea.core.schedule import Given, common_period, dose, train
from eupnea.core.settle import settle
from eupnea.core.solve import TOLERANCE, Solver, Trajectory, prepare, solve
from eupnea.language import Condition, Outcome
from eupnea.person import library, system, vocabulary
from eupnea.results import ArmResult, Run
from eupnea.scenario import Arm, Scenario
from eupnea.values import Choice, Distribution

__all__ = ["Run", "run"]
Array = np.ndarray
LONGEST_PERIOD = 60 * 24 * 60.0  # min, of doses that repeat for ever
LEAST = math.ulp(0.0)  # what <= and >= take more than < and >: a signal that rests at the very level meets them
Progress = Callable[[int, int], None]  # people done, people in all


def run(
    scenario: Scenario | Mapping[str, Any] | str | Path,
    *,
    people: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    tolerance: float = TOLERANCE,
    knowledge: int | None = None,
    progress: Progress | None = None,
) -> Run:
    """Run a scenario: a record, a dict of the file's shape, a path, a text, or the name of a shipped one.

    tolerance: relative, of the solver.  knowledge: a draw of the uncertainty of typical values (None: as they are).
    Raises InputErrors with all that is wrong with the scenario.
    """
    begun = clock.perf_counter()
    job = _scenario(scenario)
    if people is not None or seed is not None:
        job = job.with_people(people, seed)
    given = sorted({dose.drug for dose in job.doses}, key=list(library().drugs).index)
    full = system(job.model, given)
    filled = {full.doses[dose.drug, dose.route] for dose in job.doses}
    solver = prepare(reached(full, filled) if filled else full)  # a person to whom nothing is given is solved too
    who = crowd.cast(job.people, library())
    typical = crowd.cast(_typical(job), library())
    threads = threads or os.cpu_count() or 1
    times = np.array(job.output.grid(job.duration, job.doses))
    signals = job.output.signals or _default_signals(solver)
    total, done = len(job.arms) * who.count, 0
    results = {}
    for arm in job.arms:
        setting = job.setting(arm)
        p = np.ascontiguousarray(crowd.numbers(solver.system, library(), who, setting, knowledge).T)
        plans = _plans(job, arm, who, solver)
        one = Task(job, solver, signals, times, tolerance)
        values = {outcome.text: np.full(who.count, np.nan) for outcome in job.outcomes}
        curves = {name: np.full((who.count, times.size), np.nan) for name in signals}
        failures = {}
        with ThreadPoolExecutor(threads) as pool:
            work = pool.map(one.person, p, plans)
            for person, (found, courses, failure) in enumerate(work):
                if failure is not None:
                    failures[person + 1] = failure
                else:
                    for text, number in found.items():
                        values[text][person] = number
                    for column, name in enumerate(signals):
                        curves[name][person] = courses[:, column]
                done += 1
                if progress is not None:
                    progress(done, total)
        q = crowd.numbers(solver.system, library(), typical, setting, knowledge)[:, 0]
        plan = _plans(job, arm, typical, solver)[0]
        flows = [name for name, unit in solver.system.signals.items() if unit == "nmol/min"]
        ideal = one.follow(q, plan, flows)
        results[arm.name] = ArmResult(values, curves, failures, ideal, _amounts(solver, plan.given, job.duration))
    warnings = tuple(account.warnings(job, who, given, results))
    wall = clock.perf_counter() - begun
    return Run(job, results, times, tuple(signals), solver, wall, threads, tolerance, warnings, knowledge)


def _scenario(thing: Scenario | Mapping[str, Any] | str | Path) -> Scenario:
    if isinstance(thing, Scenario):
        return thing
    if isinstance(thing, Mapping):
        return Scenario.from_dict(thing, vocabulary())
    if isinstance(thing, str) and ("\n" in thing or "=" in thing):
        return Scenario.from_toml(thing, vocabulary())
    return Scenario.load(thing, vocabulary())


def _typical(job: Scenario) -> Any:
    """The people of a scenario as one typical person: every distribution at its typical value."""
    fixed: dict[str, Distribution | Choice] = {
        key: Choice(((d.typical, 1.0),)) if isinstance(d, Choice) else Distribution("fixed", d.unit, d.typical)
        for key, d in job.people.quantities.items()
    }
    return replace(job.people, typical=True, count=1, vary=False, table=None, quantities=fixed)


@dataclass(frozen=True)
class Task:
    """What is done for one person: solve, ask, and read off the time courses."""

    scenario: Scenario
    solver: Solver
    signals: Sequence[str]
    times: Array
    tolerance: float

    def person(self, p: Array, plan: Plan) -> tuple[dict[str, float], Array, str | None]:
        system = self.solver.system
        known = {*system.signals, *system.pools}
        wanted = dict.fromkeys(name for outcome in self.scenario.outcomes for name in _needs(outcome))
        wanted |= dict.fromkeys(self.signals)
        recorded = [name for name in wanted if name in known]
        path = self.follow(p, plan, recorded)
        if path.failure is not None:
            return {}, np.empty((0, 0)), path.failure
        end = self.scenario.duration
        curves = {name: path.curves[name] if name in known else curve.constant(0.0, end) for name in wanted}
        found = {outcome.text: self._answer(outcome, curves, p) for outcome in self.scenario.outcomes}
        courses = np.zeros((self.times.size, len(self.signals)))
        there = [k for k, name in enumerate(self.signals) if name in known]
        if there:
            courses[:, there] = curve.sample([curves[self.signals[k]] for k in there], self.times)
        return found, courses, None

    def follow(self, p: Array, plan: Plan, recorded: Sequence[str]) -> Trajectory:
        """From 0, or from where doses that have been given for ever have brought this person."""
        begin = None
        if plan.block:
            begin, failure = settle(self.solver, p, plan.block, plan.period, self.tolerance)
            if failure is not None:
                return Trajectory({}, begin, 0, dict.fromkeys(self.solver.families, 0.0), failure)
        return solve(self.solver, p, plan.given, self.scenario.duration, recorded, self.tolerance, begin)

    def _answer(self, outcome: Outcome, curves: Mapping[str, Curve], p: Array) -> float:
        function = getattr(asked, outcome.function)
        if outcome.condition is not None:
            return float(function(self._margin(outcome.condition, curves, p)) * outcome.factor)
        return float(function(curves[outcome.signal], *outcome.times) * outcome.factor)

    def _margin(self, condition: Condition, curves: Mapping[str, Curve], p: Array) -> Curve:
        """A curve that is above 0 where the condition holds."""
        signal = curves[condition.signal]
        if condition.kind == "signal":
            margin = _aligned(signal, curves[condition.other])
        elif condition.kind == "baseline":
            margin = signal - condition.value * self._baseline(condition.signal, p)
        else:
            margin = signal - condition.value
        sign = -1 if condition.op in ("<", "<=") else 1
        equal = LEAST if condition.op in ("<=", ">=") else 0.0
        return Curve(margin.start, margin.stop, sign * margin.value + equal)

    def _baseline(self, signal: str, p: Array) -> float:
        """The same person, settled, with no drug."""
        system = self.solver.system
        rest = np.array(start(system, list(p)), dtype=float)
        if signal in system.signals:
            return float(witness.signals(system, 0.0, rest, p)[signal])
        return float(rest[system.pool(signal)]) if signal in system.pools else 0.0


def _aligned(a: Curve, b: Curve) -> Curve:
    """a - b, where either may be the constant of a drug that nobody gets."""
    if a.start.size == b.start.size:
        return a.minus(b)
    if b.start.size == 1:
        return a - float(b.value[0, 0])
    return Curve(b.start, b.stop, float(a.value[0, 0]) - b.value, b.unit)


def _needs(outcome: Outcome) -> list[str]:
    if outcome.condition is None:
        return [outcome.signal]
    return [name for name in (outcome.condition.signal, outcome.condition.other) if name]


@dataclass(frozen=True)
class Plan:
    """What one person is given; and before 0, in every period of `period` minutes for ever, `block`."""

    given: list[Given]
    block: list[Given]
    period: float


def _plans(job: Scenario, arm: Arm, who: crowd.Cast, solver: Solver) -> list[Plan]:
    """What each person is given in an arm."""
    period = common_period({item.every for item in job.doses if item.steady and arm.has(item)})
    if period > LONGEST_PERIOD:
        wrong = f"the doses with steady = true in arm '{arm.name}' come together only every {period:g} min"
        raise InputErrors([Problem(job.file, None, f"{wrong}; their times between doses must fit within 60 d")])
    plans = [Plan([], [], period) for _ in range(who.count)]
    seen: dict[str, int] = {}
    for item in job.doses:
        key = item.name or f"{item.drug}.{item.route}.{item.time:g}"
        seen[key] = seen.get(key, 0) + 1
        if not arm.has(item):
            continue
        drug, pool = library().drugs[item.drug], solver.system.doses[item.drug, item.route]
        amount = crowd.draw(item.amount, who.seed, f"dose.{key}.{seen[key]}", who.count)
        unit, per_kg = (item.amount.unit.removesuffix("/kg"), item.amount.unit.endswith("/kg"))
        if unit == "mg":
            amount = amount * drug.forms[item.form].value * quantity.factor("mg", "nmol", drug.molar_mass)
        amount = amount * item.purity
        if per_kg:
            amount = amount * who.measures["weight"]
        for plan, nmol in zip(plans, map(float, amount), strict=True):
            if item.steady:
                block, rest = train(pool, item.time, nmol, item.over, item.every, period)
                plan.block.extend(block)
                plan.given.extend(rest)
            for number in range(item.count if item.every else 1):
                at = item.time + number * item.every
                if at <= job.duration:
                    plan.given.extend(dose(pool, at, nmol, item.over))
    return plans


def _amounts(solver: Solver, plan: Sequence[Given], end: float) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for key, pool in solver.system.doses.items():
        nmol = sum(g.amount + g.rate * (end - min(g.time, end)) for g in plan if g.pool == pool)
        if nmol > 0 and pool not in [solver.system.doses[k] for k in found]:
            found[key] = nmol
    return found


def _default_signals(solver: Solver) -> tuple[str, ...]:
    """What a time course holds unless the scenario says: concentrations, receptor and effects, urine."""
    last = ("arterial", "venous", "urine")
    effects = ("mop.activation", "rush", "euphoria", "analgesia", "pupil")
    bound = [f"mop.{drug}" for drug in solver.system.drugs]
    return tuple(
        name for name in solver.system.signals if name in effects or name in bound or name.rsplit(".", 1)[-1] in last
    )
