"""A scenario, run: every arm, every person, every outcome.

run = eupnea.run("iv_heroin")
run.outcomes()                      a frame: arm, outcome, value, unit, low, high, n, kind, failures
run.signal("mam.arterial")          a frame: time, value (bands for people), unit
run.sources()                       BibTeX of all that the numbers rest on

People are solved in chunks, which threads take in turn; what a person gets is the same in any chunk.
"""

from __future__ import annotations

import os
import time as clock
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from eupnea import account, care, task, timeline
from eupnea import knowledge as known
from eupnea import people as crowd
from eupnea.core import curve
from eupnea.core.memory import Memory, taken
from eupnea.core.reach import reached
from eupnea.core.schedule import common_period
from eupnea.core.solve import TOLERANCE, Solver, prepare
from eupnea.person import library, system
from eupnea.results import ArmResult, Run, Typical, bands
from eupnea.scenario import Arm, Dose, Rule, Scenario
from eupnea.task import Body, Found, Task, body
from eupnea.values import Choice, Distribution

__all__ = ["Run", "run"]
Array = np.ndarray
MOST_PEOPLE, TURNS = 128, 4  # solved in one call; chunks that each thread gets at least, where there are people enough
AT_ONCE = 8  # people whom the solver takes side by side
MOST_BYTES, MOST_GIVEN = 2**28, 200_000  # of the curves of a chunk, and things given in it
STEPS, STEPS_A_DOSE = 500, 20  # what a person is expected to need
HALF = 0.5
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
    job = scenario_of(scenario)
    if people is not None or seed is not None:
        job = job.with_people(people, seed)
    solver, threads = solver_of(job), threads or os.cpu_count() or 1
    work = Work(job, solver, threads, tolerance, knowledge, progress or (lambda done, total: None))
    with ThreadPoolExecutor(threads) as pool:
        try:
            results = {arm.name: work.arm(number, arm, pool) for number, arm in enumerate(job.arms)}
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    warnings = tuple(account.warnings(job, work.who, _in_order(job), results))
    wall = clock.perf_counter() - begun
    return Run(job, results, work.times, work.signals, solver, wall, threads, tolerance, warnings, knowledge)


def solver_of(job: Scenario) -> Solver:
    """The part of the model that a scenario's doses and rules can reach, ready to run."""
    full = system(job.model, _in_order(job))
    filled = {full.doses[key] for key in job.fills}
    counted = [care.tally(library(job.model).drugs[drug], full) for drug in _in_order(job)]
    filled |= {one[0] for one in counted if one is not None}
    filled |= {full.pool(change.pool) for change in job.clamp.changes}
    return prepare(reached(full, filled) if filled else full)  # a person to whom nothing is given is solved too


def _in_order(job: Scenario) -> list[str]:
    return sorted(job.drugs, key=list(library(job.model).drugs).index)


def scenario_of(thing: Scenario | Mapping[str, Any] | str | Path) -> Scenario:
    """A scenario, whatever says it: a record, a dict, a text, a path, the name of a shipped one."""
    if isinstance(thing, Scenario):
        return thing
    if isinstance(thing, Mapping):
        return Scenario.from_dict(thing)
    if isinstance(thing, str) and ("\n" in thing or "=" in thing):
        return Scenario.from_toml(thing)
    return Scenario.load(thing)


class Work:
    """What all arms of a run share."""

    def __init__(
        self, job: Scenario, solver: Solver, threads: int, tolerance: float, knowledge: int | None, told: Progress
    ) -> None:
        self.job, self.solver, self.threads = job, solver, threads
        self.tolerance, self.knowledge, self.told = tolerance, knowledge, told
        self.who = crowd.cast(job.people, library(job.model))
        self.usual = as_typical(job)
        self.typical = crowd.cast(self.usual.people, library(job.model))
        self.times = np.array(job.times)
        self.signals = tuple(job.output.signals or _default_signals(solver))
        self.bodies: dict[Any, Body] = {}
        self.spare: list[Memory] = []

    def arm(self, number: int, arm: Arm, pool: ThreadPoolExecutor) -> ArmResult:
        """Everybody in one arm, and the typical person."""
        count, total = self.who.count, len(self.job.arms) * self.who.count
        done = number * count
        here = self.task(arm, self.who)
        found = self.fill(here, pool, lambda count: self.told(done + count, total))
        lost = np.array(list(found.failures), dtype=int)
        there = np.delete(np.arange(count), lost)
        spread = {}
        if count > 1:
            parts = pool.map(lambda name: bands(found.courses[name], there), self.signals)
            spread = dict(zip(self.signals, parts, strict=True))
        shown = 1 if count == 1 else min(self.job.output.people, count)
        curves = {name: table[:shown].copy() for name, table in found.courses.items()}
        failures = {person + 1: found.failures[person] for person in sorted(found.failures)}
        typical, amounts = self.ideal(arm)
        still = sum((found.arrested[first] for first in sorted(found.arrested)), np.zeros(here.clock.size))
        beating = 1 - still / there.size if found.arrested and there.size else None
        return ArmResult(found.values, curves, spread, failures, typical, amounts, found.acts, beating)

    def fill(self, here: Task, pool: ThreadPoolExecutor, told: Callable[[int], None]) -> Found:
        """All rows of a task, by chunks; told how many are done."""
        found, done = here.empty(), 0

        def chunk(people: Array) -> Array:
            with taken(self.spare) as memory:
                return here.fill(found, people, memory)

        for people in pool.map(chunk, self.chunks(here)):
            done += people.size
            told(done)
        return found

    def task(self, arm: Arm, who: crowd.Cast) -> Task:
        return self.task_of(arm, who, self.body(arm, who), self.signals)

    def task_of(self, arm: Arm, who: crowd.Cast, body: Body, signals: Sequence[str]) -> Task:
        period = common_period({item.every for item in self.job.given(arm) if item.steady})
        job = self.usual if who is self.typical else self.job
        return Task(job, arm, self.solver, who, period, signals, self.times, self.tolerance, body)

    def body(self, arm: Arm, who: crowd.Cast) -> Body:
        """The people with the numbers that they have in an arm; kept, for most arms change none."""
        setting = self.job.setting(arm)
        key = who is self.typical, tuple(sorted(setting.items()))
        if key not in self.bodies:
            typical = crowd.numbers(self.solver.system, library(self.job.model), who, setting)
            p = np.ascontiguousarray(typical.T)
            if self.knowledge is not None:
                numbers = known.uncertain(self.solver.system, library(self.job.model), who, setting)
                p = known.moved(typical, numbers, known.draw(numbers, self.knowledge))
            self.bodies = {k: b for k, b in self.bodies.items() if k[0] != key[0]}  # one at a time of each
            self.bodies[key] = body(self.solver, p, self.job)
        return self.bodies[key]

    def chunks(self, here: Task) -> Iterator[Array]:
        """The people, in parts that fit into memory and keep the threads busy."""
        rows, given = len(here.body.p), here.given_each()
        room = MOST_BYTES // (32 * (1 + len(here.wanted)) * (STEPS + STEPS_A_DOSE * given))
        share = max(AT_ONCE, -(-rows // (TURNS * self.threads)))
        size = max(1, min(MOST_PEOPLE, share, room, MOST_GIVEN // (1 + given)))
        if size > AT_ONCE:
            size -= size % AT_ONCE
        for begin in range(0, rows, size):
            yield np.arange(begin, min(begin + size, rows))

    def ideal(self, arm: Arm) -> tuple[Typical, dict[tuple[str, str], float]]:
        """The person with everything typical: what went along every flow, and what was given."""
        here, one = self.task(arm, self.typical), np.zeros(1, dtype=int)
        flows = [name for name, unit in self.solver.system.signals.items() if unit == "nmol/min"]
        watched = [name for name in timeline.WATCHED if name in self.solver.system.signals]
        run = here.follow(one, [*flows, *watched])
        totals = {name: float(curve.area(task.curve_of(run.courses, name))[0]) for name in flows}
        losses = {family: float(loss[0]) for family, loss in run.courses.loss.items()}
        events = tuple(here.happened(run))
        return Typical(totals, run.courses.final[0], losses, run.failures.get(0), events), here.given(run.acts)


def as_typical(job: Scenario) -> Scenario:
    """A scenario in one typical person: distributions at their typical value, and there is who is there more often."""

    def dose(one: Dose) -> Dose:
        return replace(one, amount=_fixed(one.amount))

    def rule(one: Rule) -> Rule:
        give = None if one.give is None else dose(one.give)
        return replace(one, wait=_fixed(one.wait), chance=float(one.chance >= HALF), give=give)

    fixed: dict[str, Distribution | Choice] = {
        key: Choice(((d.typical, 1.0),)) if isinstance(d, Choice) else _fixed(d)
        for key, d in job.people.quantities.items()
    }
    people = replace(job.people, typical=True, count=1, vary=False, table=None, quantities=fixed)
    return replace(job, people=people, doses=tuple(map(dose, job.doses)), rules=tuple(map(rule, job.rules)))


def _fixed(given: Distribution) -> Distribution:
    return Distribution("fixed", given.unit, given.typical)


def _default_signals(solver: Solver) -> tuple[str, ...]:
    """What a time course holds unless the scenario says: concentrations, receptor, effects, breathing, urine."""
    last = ("arterial", "venous", "urine")
    effects = ["mop.activation", "rush", "euphoria", "analgesia", "pupil"]
    effects += ["minute_ventilation", "respiratory_rate", "pao2", "paco2", "brain_po2", "spo2", "cardiac_output"]
    bound = [f"mop.{drug}" for drug in solver.system.drugs]
    return tuple(
        name for name in solver.system.signals if name in effects or name in bound or name.rsplit(".", 1)[-1] in last
    )
