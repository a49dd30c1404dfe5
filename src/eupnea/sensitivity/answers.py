"""What a scenario answers at many draws of its numbers: the same people, the same doses and helpers, other numbers."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from eupnea import job as jobs
from eupnea import knowledge
from eupnea import people as crowd
from eupnea.core.solve import NO_REST
from eupnea.knowledge import Uncertain
from eupnea.language import Outcome
from eupnea.outcomes import KINDS
from eupnea.person import library
from eupnea.scenario import Arm, Scenario
from eupnea.task import Body, body

Array = np.ndarray
AT_ONCE: Final = 2**15  # rows, people times draws, that are in memory together
Key = tuple[str, str]  # arm, outcome


@dataclass
class Answers:
    """(draws,) of every arm and outcome, NaN where there is none; `never` counts the times that were put at an end."""

    values: dict[Key, Array]
    never: dict[Key, int] = field(default_factory=dict)
    restless: dict[str, int] = field(default_factory=dict)  # by arm: runs of bodies that nobody can have, for with
    # these numbers together they come to no rest without drugs
    failures: dict[str, int] = field(default_factory=dict)  # by arm: other runs that failed


class Model:
    """A scenario whose numbers can be moved: in its people, or in the one person that it is about."""

    def __init__(self, job: Scenario, threads: int, told: Callable[[int], None]) -> None:
        self.job = job
        self.work = jobs.Work(self.job, jobs.solver_of(self.job), threads, jobs.TOLERANCE, None, lambda *_: None)
        self.told, self.done = told, 0
        found: dict[str, Uncertain] = {}
        for arm in self.job.arms:
            found |= {number.name: number for number in self._uncertain(arm)}
        self.numbers = [*found.values()]

    def _uncertain(self, arm: Arm) -> list[Uncertain]:
        system, setting = self.work.solver.system, self.job.setting(arm)
        return knowledge.uncertain(system, library(self.job.model), self.work.who, setting)

    def people(self, z: Array) -> dict[Key, Array]:
        """(draws, people) of every arm and outcome at draws z (draws, numbers); NaN where there is none."""
        return self._rows(z, Answers({}))

    def answers(self, z: Array) -> Answers:
        """One number a draw: the share of people, or the median of those who have one."""
        found = Answers({})
        for key, rows in self._rows(z, found).items():
            kinds = {outcome.text: kind_of(outcome) for outcome in self.job.outcomes}
            found.values[key] = _summary(rows, kinds[key[1]])
        return found

    def _rows(self, z: Array, into: Answers) -> dict[Key, Array]:
        count = self.work.who.count
        step = max(1, AT_ONCE // count)
        parts = [self._part(z[begin : begin + step], into) for begin in range(0, len(z), step)]
        return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}

    def _part(self, z: Array, into: Answers) -> dict[Key, Array]:
        """Some draws in all arms; arms with the same numbers share the people's rest."""
        found: dict[Key, Array] = {}
        bodies: dict[Any, Body] = {}
        with ThreadPoolExecutor(self.work.threads) as pool:
            try:
                for arm in self.job.arms:
                    key = tuple(sorted(self.job.setting(arm).items()))
                    if key not in bodies:
                        bodies = {key: self._body(arm, z)}  # one at a time
                    found |= self._arm(arm, bodies[key], pool, into)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return {key: values.reshape(len(z), -1) for key, values in found.items()}

    def _arm(self, arm: Arm, bodies: Body, pool: ThreadPoolExecutor, into: Answers) -> dict[Key, Array]:
        here = self.work.task_of(arm, self.work.who, bodies, ())
        run = self.work.fill(here, pool, lambda rows: self.told(self.done + rows))
        self.done += len(bodies.p)
        restless = sum(why.startswith(NO_REST) for why in run.failures.values())
        into.restless[arm.name] = into.restless.get(arm.name, 0) + restless
        into.failures[arm.name] = into.failures.get(arm.name, 0) + len(run.failures) - restless
        found, lost = {}, np.array(list(run.failures), dtype=int)
        for outcome in self.job.outcomes:
            key = arm.name, outcome.text
            found[key], never = _told(outcome, run.values[outcome.text], lost, self.job.duration)
            into.never[key] = into.never.get(key, 0) + never
        return found

    def _body(self, arm: Arm, z: Array) -> Body:
        work, place = self.work, {number.name: i for i, number in enumerate(self.numbers)}
        typical = crowd.numbers(work.solver.system, library(self.job.model), work.who, self.job.setting(arm))
        numbers = self._uncertain(arm)
        p = knowledge.moved(typical, numbers, z[:, [place[number.name] for number in numbers]])
        return body(work.solver, p, self.job)


def kind_of(outcome: Outcome) -> str:
    return KINDS[outcome.function]


def _told(outcome: Outcome, values: Array, lost: Array, end: float) -> tuple[Array, int]:
    """What never comes is said to come at the end of the run, what never held to have ended at 0; how often so."""
    at = {"first": end, "time_of_arrest": end, "last": 0.0}.get(outcome.function)
    if at is None:
        return values, 0
    never = np.isnan(values)
    never[lost] = False
    return np.where(never, at * outcome.factor, values), int(never.sum())


def _summary(rows: Array, kind: str) -> Array:
    """(draws,) of people (draws, people): the mean of a share or a count, else the median of who have one."""
    there = np.isfinite(rows)
    count = there.sum(axis=1)
    if kind in ("share", "count"):
        return np.where(count > 0, np.where(there, rows, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)
    found = np.full(len(rows), np.nan)
    found[count > 0] = np.nanmedian(rows[count > 0], axis=1)
    return found
