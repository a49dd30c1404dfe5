"""One arm of a scenario, some people at a time: what they are given, their runs, and what is asked of these."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eupnea import care, timeline
from eupnea import outcomes as asked
from eupnea import people as crowd
from eupnea.core import curve
from eupnea.core.compose import System
from eupnea.core.curve import Curve
from eupnea.core.memory import Memory
from eupnea.core.schedule import Given, dose, train
from eupnea.core.settle import settle
from eupnea.core.solve import Courses, Solver, rest, solve
from eupnea.language import Condition, Outcome
from eupnea.person import library
from eupnea.scenario import Arm, Dose, Output, Scenario

Array = np.ndarray
LEAST = math.ulp(0.0)  # what <= and >= take more than < and >: a signal that rests at the very level meets them
Rested = tuple[Array, dict[str, Array], dict[int, str]]  # pools, baselines by name, who has none and why
ARREST = "cardiac_arrest"
STEPS_AT_ONCE = 2**16  # asked together: arrays that a processor's memory holds


@dataclass(frozen=True)
class Found:
    """What an arm gave, filled in by the tasks: each writes the rows of its own people, NaN for those who failed."""

    values: dict[str, Array]  # outcome -> (people,)
    courses: dict[str, Array]  # signal -> (people, times)
    acts: dict[str, Array]  # rule -> (people,) how often it acted
    failures: dict[int, str]  # person, from 0 -> why
    arrested: dict[int, Array]  # first of some people, from 0 -> (times,) in how many of them the heart stands still


@dataclass(frozen=True)
class Flown:
    """Some people's runs.  rest: the baselines that were asked for, (people,) each; failures by place in the chunk."""

    courses: Courses
    rest: Mapping[str, Array]
    acts: Mapping[str, Array]
    failures: Mapping[int, str]
    acted: Mapping[str, Array]  # by rule: (people, times) when it acted first; NaN where it did less often


@dataclass(frozen=True)
class Body:
    """Everybody's numbers p (people, parameters), and `rest` of people who follow each other: what they are like with
    no drug, settled (`core.solve.rest`).  Arms with the same numbers share it.  Rows beyond the people are the same
    people again, with other numbers: row r is person r modulo how many there are."""

    p: Array
    rest: Callable[[Array], Rested]


def body(solver: Solver, p: Array, job: Scenario) -> Body:
    """rest is found once for each chunk, with the baselines that an outcome or a rule of any arm asks for."""
    conditions = [outcome.condition for outcome in job.outcomes if outcome.condition]
    names = [condition.signal for condition in conditions if condition.kind == "baseline"]
    names += [name for one in job.outcomes if one.function in asked.NAMED for name in asked.NAMED[one.function].rests]
    names += [name for arm in job.arms for name in care.needs(job.acting(arm))]
    known = [n for n in dict.fromkeys(names) if n in solver.system.signals or n in solver.system.pools]

    @functools.cache
    def found(first: int, count: int) -> Rested:
        pools, values, failures = rest(solver, p[first : first + count], known)
        values |= {name: np.zeros(count) for name in names if name not in known}  # of a drug that nobody gets
        for baseline in values.values():
            baseline[list(failures)] = np.nan
        return pools, values, failures

    return Body(p, lambda people: found(int(people[0]), people.size))


@dataclass(frozen=True)
class Task:
    """One arm and everybody in it; doses given for ever repeat every `period` min (0: none)."""

    job: Scenario
    arm: Arm
    solver: Solver
    who: crowd.Cast
    period: float
    signals: Sequence[str]
    times: Array
    tolerance: float
    body: Body

    def empty(self) -> Found:
        """Room for what will be found."""
        count = len(self.body.p)
        values = {outcome.text: np.full(count, np.nan) for outcome in self.job.outcomes}
        courses = {name: np.full((count, self.times.size), np.nan) for name in self.signals}
        acts = {rule.name: np.zeros(count, dtype=np.int64) for rule in self.job.acting(self.arm)}
        return Found(values, courses, acts, {}, {})

    def fill(self, found: Found, people: Array, memory: Memory) -> Array:
        """Solve these people, who follow each other, and fill in what is asked of them."""
        run = self.follow(people, self.wanted, memory)
        if ARREST in self.wanted:
            arrest = curve_of(run.courses, ARREST)
            found.arrested[int(people[0])] = timeline.standing_still(arrest, self.clock, list(run.failures))
        for begin, end in _blocks(run.courses.first):
            rows = slice(people[begin], people[end - 1] + 1)
            curves = {name: curve_of(run.courses, name, begin, end) for name in self.wanted}
            resting = {name: values[begin:end] for name, values in run.rest.items()}
            acts = {name: counts[begin:end] for name, counts in run.acts.items()}
            for outcome in self.job.outcomes:
                if outcome.function in asked.COUNTED:
                    found.values[outcome.text][rows] = self._counted(outcome, acts, end - begin)
                else:
                    found.values[outcome.text][rows] = _answer(outcome, curves, resting)
            if self.signals:
                tables = curve.sample([curves[name] for name in self.signals], self.times)
                for name, table in zip(self.signals, tables, strict=True):
                    found.courses[name][rows] = table
        lost = people[list(run.failures)]
        for numbers in (*found.values.values(), *found.courses.values()):
            numbers[lost] = np.nan
        for name, counts in run.acts.items():
            found.acts[name][people] = counts
        found.failures.update({int(people[place]): why for place, why in run.failures.items()})
        return people

    def follow(self, people: Array, recorded: Sequence[str], memory: Memory | None = None) -> Flown:
        """From rest at 0, or from where doses that have been given for ever have brought these people."""
        p, system = self.body.p[people], self.solver.system
        begin, resting, failures = self.body.rest(people)
        same = people % self.who.count
        plan = functools.cache(self._plan)  # who is given the same shares one
        plans = [plan(tuple(map(float, each))) for each in np.stack([*self._amounts(same), same]).T[:, :-1]]
        if self.period:
            begin, unsettled = settle(
                self.solver, _awake(system, p), [block for _, block in plans], self.period, self.tolerance
            )
            failures = {**unsettled, **failures}
        rules = []
        if self.job.acting(self.arm):
            rules = care.rules(self.job, self.arm, self.who, same, system, library(self.job.model), resting)
        known = [name for name in recorded if name in system.signals or name in system.pools]
        given = [given for given, _ in plans]
        courses = solve(self.solver, p, given, self.job.duration, known, self.tolerance, begin, rules, memory)
        acts = {rule.name: counts for rule, counts in zip(rules, courses.acts, strict=True)}
        acted = {rule.name: courses.acted[:, number] for number, rule in enumerate(rules)}
        return Flown(courses, resting, acts, {**courses.failures, **failures}, acted)

    @functools.cached_property
    def clock(self) -> Array:
        """When it is counted in how many the heart beats [min]: the usual times, whatever the scenario has written."""
        return np.array(Output().grid(self.job.duration, self.job.doses))

    def happened(self, run: Flown) -> list[dict[str, Any]]:
        """What happened to the first person."""
        curves = {name: curve_of(run.courses, name, 0, 1) for name in timeline.WATCHED if name in run.courses.value}
        acted = {name: times[0] for name, times in run.acted.items()}
        system, p = self.solver.system, self.body.p[0]
        asleep = [float(p[system.parameter(name)]) for name in timeline.ASLEEP if name in system.parameters]
        return timeline.events(self.job, self.arm, acted, curves, asleep)

    def _counted(self, outcome: Outcome, acts: Mapping[str, Array], people: int) -> Array:
        """(people,) an outcome about how often rules gave a drug, or any."""
        giving = [r for r in self.job.acting(self.arm) if r.give and outcome.drug in ("", r.give.drug)]
        times = sum((acts[rule.name] for rule in giving if rule.name in acts), np.zeros(people))
        return np.asarray(getattr(asked, outcome.function)(times) * outcome.factor)

    @functools.cached_property
    def wanted(self) -> tuple[str, ...]:
        """The signals that outcomes and time courses are about."""
        names = [name for outcome in self.job.outcomes for name in _needs(outcome)]
        names += [ARREST] if ARREST in self.solver.system.signals else []
        return tuple(dict.fromkeys([*names, *self.signals]))

    # --- what is given ----------------------------------------------------------------------------------------------

    @functools.cached_property
    def _doses(self) -> list[tuple[Dose, str, Array]]:
        """(dose, the stream of its amounts, its times within the run) of all that this arm has."""
        found, seen, drugs = [], dict[str, int](), library(self.job.model).drugs
        for item in self.job.doses:
            key = item.name or f"{item.drug}.{item.route}.{item.time:g}"
            seen[key] = seen.get(key, 0) + 1
            if self.arm.has(item):
                given = care.as_given(item, drugs[item.drug])
                found.append((given, f"dose.{key}.{seen[key]}", _times(item, self.job.duration)))
        return found

    def _amounts(self, people: Array) -> list[Array]:
        """(people,) nmol of each dose."""
        drugs = library(self.job.model).drugs
        return [care.nmol(item, stream, drugs[item.drug], self.who, people) for item, stream, _ in self._doses]

    def _plan(self, amounts: tuple[float, ...]) -> tuple[list[Given], list[Given]]:
        """(what one person is given, and before 0 for ever, in every period)."""
        drugs, system = library(self.job.model).drugs, self.solver.system
        given = [Given(one.time, system.pool(one.pool), one.amount, one.rate) for one in self.job.clamp.changes]
        before: list[Given] = []
        for (item, _, times), nmol in zip(self._doses, amounts, strict=True):
            counted = care.tally(drugs[item.drug], system)
            pool = self.solver.system.doses[item.drug, item.route, item.product]
            if item.steady:
                block, running = train(pool, item.time, nmol, item.over, item.every, self.period)
                before += block
                given += running
            for time in times:
                given += dose(pool, float(time), nmol, item.over, item.name)
                if counted is not None:
                    given += dose(counted[0], float(time), nmol * counted[1], item.over, item.name)
        return given, before

    def given_each(self) -> int:
        """About how many things one person is given."""
        rules = sum(rule.limit for rule in self.job.acting(self.arm))
        return sum(times.size for _, _, times in self._doses) + rules + len(self.job.clamp.changes)

    def given(self, acts: Mapping[str, Array]) -> dict[tuple[str, str], float]:
        """nmol that the first person was given until the end, by drug and route; acts: how often rules acted."""
        first, end, found = np.zeros(1, dtype=int), self.job.duration, dict[tuple[str, str], float]()
        amounts = self._amounts(first)
        for place, (item, _, _) in enumerate(self._doses):
            mine = [float(nmol[0]) if place == other else 0.0 for other, nmol in enumerate(amounts)]
            pool = self.solver.system.doses[item.drug, item.route, item.product]
            plan = [g for g in self._plan(tuple(mine))[0] if g.pool == pool]
            nmol = sum(g.amount + g.rate * (end - min(g.time, end)) for g in plan)
            found[item.drug, item.route] = found.get((item.drug, item.route), 0.0) + nmol
        for rule in self.job.acting(self.arm):
            if (each := rule.give) is not None and rule.name in acts:
                drug = library(self.job.model).drugs[each.drug]
                nmol = float(care.nmol(each, f"rule.{rule.name}.amount", drug, self.who, first)[0])
                found[each.drug, each.route] = found.get((each.drug, each.route), 0.0) + nmol * int(acts[rule.name][0])
        return {key: nmol for key, nmol in found.items() if nmol > 0}


def _awake(system: System, p: Array) -> Array:
    """These numbers with nobody asleep: when somebody sleeps is said of the run, not of every period before it."""
    if "sleep.begins" not in system.parameters:
        return p
    p = p.copy()
    p[:, system.parameter("sleep.begins")] = care.FOR_EVER
    return p


def _times(item: Dose, end: float) -> Array:
    """When a dose is given within the run [min]."""
    if not item.every:
        return np.array([item.time] if item.time <= end else [])
    most = min(item.count, max(0, int((end - item.time) / item.every) + 2))
    times = item.time + np.arange(most) * item.every
    return times[times <= end]


# --- what is asked --------------------------------------------------------------------------------------------------


def curve_of(courses: Courses, name: str, begin: int = 0, end: int | None = None) -> Curve:
    """A signal of the people from `begin` to `end`; 0 throughout where it is of a drug that nobody gets."""
    first = courses.first[begin : None if end is None else end + 1]
    steps = slice(first[0], first[-1])
    start = courses.start[steps]
    value = courses.value[name][steps] if name in courses.value else np.broadcast_to(0.0, (start.size, 4))
    return Curve(first - first[0], start, courses.stop[steps], value, courses.units.get(name, "1"))


def _blocks(first: Array) -> Iterator[tuple[int, int]]:
    """People in parts, (begin, end), that have not too many steps together."""
    begin, people = 0, len(first) - 1
    while begin < people:
        end = int(np.searchsorted(first, first[begin] + STEPS_AT_ONCE, side="right")) - 1
        end = min(max(end, begin + 1), people)
        yield begin, end
        begin = end


def _answer(outcome: Outcome, curves: Mapping[str, Curve], resting: Mapping[str, Array]) -> Array:
    """(people,) one outcome in the unit that is asked for."""
    function = getattr(asked, outcome.function)
    if outcome.function in asked.NAMED:
        known = {**curves, **{f"{name}{asked.AT_REST}": values for name, values in resting.items()}}
        return np.asarray(function(*(known[word] for word in asked.NAMED[outcome.function].arguments)) * outcome.factor)
    if outcome.condition is not None:
        return np.asarray(function(_margin(outcome.condition, curves, resting)) * outcome.factor)
    return np.asarray(function(curves[outcome.signal], *outcome.times) * outcome.factor)


def _margin(condition: Condition, curves: Mapping[str, Curve], resting: Mapping[str, Array]) -> Curve:
    """A curve that is above 0 where the condition holds."""
    signal = curves[condition.signal]
    if condition.kind == "signal":
        level = curves[condition.other].value
    elif condition.kind == "baseline":
        level = signal.each(condition.value * resting[condition.signal])[:, None]
    else:
        level = np.array(condition.value)
    value = level - signal.value if condition.op in ("<", "<=") else signal.value - level
    return signal.of(value + LEAST if condition.op in ("<=", ">=") else value)


def _needs(outcome: Outcome) -> list[str]:
    if outcome.function in asked.NAMED:
        return list(asked.NAMED[outcome.function].signals)
    if outcome.function in asked.COUNTED:
        return []
    if outcome.condition is None:
        return [outcome.signal]
    return [name for name in (outcome.condition.signal, outcome.condition.other) if name]
