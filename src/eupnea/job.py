"""A scenario, run: every arm, every person, every outcome.

    run = eupnea.run("iv_heroin")
    run.outcomes()                      a frame: arm, outcome, value, unit, low, high, n, kind, failures
    run.signal("mam.arterial")          a frame: time, value (bands for people), unit
    run.sources()                       BibTeX of all that the numbers rest on
"""

from __future__ import annotations

import functools
import os
import time as clock
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eupnea import outcomes as asked
from eupnea import people as crowd
from eupnea.core import curve, interval, witness
from eupnea.core.compose import start
from eupnea.core.curve import Curve
from eupnea.core.schedule import Given, dose
from eupnea.core.solve import TOLERANCE, Solver, Trajectory, prepare, solve
from eupnea.language import Condition, Outcome
from eupnea.person import MODELS, library, system, vocabulary
from eupnea.scenario import Arm, Scenario

if TYPE_CHECKING:
    import polars as pl

Array = np.ndarray
Progress = Callable[[int, int], None]  # people done, people in all
QUANTILES: Final = (("q05", 0.05), ("q25", 0.25), ("q50", 0.5), ("q75", 0.75), ("q95", 0.95))


@dataclass(frozen=True)
class ArmResult:
    """What one arm gave.  values[outcome]: (people,), NaN where it does not exist; curves[signal]: (people, times)."""

    values: Mapping[str, Array]
    curves: Mapping[str, Array]
    failures: Mapping[int, str]  # person (from 1) -> reason
    typical: Trajectory  # the person with everything typical: flows and what is left
    amounts: Mapping[tuple[str, str], float]  # nmol given to that person, by drug and route


@dataclass(frozen=True)
class Run:
    """A finished run: see the module's docstring for what it answers."""

    scenario: Scenario
    results: Mapping[str, ArmResult]
    times: Array
    signals: tuple[str, ...]
    solver: Solver
    wall_time: float
    threads: int
    tolerance: float
    warnings: tuple[str, ...]

    @property
    def people(self) -> int:
        return self.scenario.people.count

    @property
    def arms(self) -> tuple[str, ...]:
        return tuple(self.results)

    @property
    def order(self) -> list[str]:
        return list(MODELS[self.scenario.model])

    @functools.cached_property
    def manifest(self) -> dict[str, Any]:
        from eupnea.account import manifest

        return manifest(self)

    def outcomes(self) -> pl.DataFrame:
        """arm, outcome, value, unit, low, high, n, kind, failures: one row an arm and outcome."""
        import polars as pl

        rows = [
            {"arm": arm, "outcome": outcome.text, **summary(outcome, result.values[outcome.text], self.people)}
            | {"failures": len(result.failures)}
            for arm, result in self.results.items()
            for outcome in self.scenario.outcomes
        ]
        kinds = dict(arm=pl.String, outcome=pl.String, value=pl.Float64, unit=pl.String, low=pl.Float64, high=pl.Float64)
        return pl.DataFrame(rows, schema={**kinds, "n": pl.Int64, "kind": pl.String, "failures": pl.Int64})

    def signal(self, name: str, arm: str | None = None) -> pl.DataFrame:
        """time [min] and value (one person) or q05 q25 q50 q75 q95 n (people) of a recorded signal, with its unit."""
        if name not in self.signals:
            raise KeyError(f"'{name}' was not recorded; recorded are {', '.join(self.signals)}")
        frame = self.timecourse()
        return frame.filter((frame["signal"] == name) & (frame["arm"] == (arm or self.arms[0])) & _is_band(frame, self.people))

    def timecourse(self) -> pl.DataFrame:
        """The long frame of timecourse.parquet: arm, person (null for bands), time, signal, unit, value, q05 .. q95, n."""
        import polars as pl

        parts = [part for arm, result in self.results.items() for part in self._parts(arm, result)]
        return pl.concat(parts) if parts else pl.DataFrame(schema=_COURSE(pl))

    def _parts(self, arm: str, result: ArmResult) -> Iterable[pl.DataFrame]:
        import polars as pl

        for name in self.signals:
            table, unit = result.curves[name], vocabulary().signals[name]
            head = {"arm": arm, "signal": name, "unit": unit}
            if self.people > 1:
                bands = {q: np.nanquantile(table, share, axis=0) for q, share in QUANTILES}
                counts = np.isfinite(table).sum(axis=0)
                yield _course(pl, head, None, self.times, bands["q50"], {**bands, "n": counts})
            shown = 1 if self.people == 1 else min(self.scenario.output.people, self.people)
            for person in range(shown):
                yield _course(pl, head, person + 1, self.times, table[person], {})

    def total(self, flow: str, arm: str | None = None) -> float:
        """A flow [nmol/min] over the whole run [nmol], in the typical person."""
        return curve.area(self.results[arm or self.arms[0]].typical.curves[flow])

    def numbers(self) -> list[dict[str, Any]]:
        """Every number that the run used: quantity, value, unit, source, where, grade, note, cv, rse."""
        from eupnea.account import numbers

        return numbers(self)

    def sources(self) -> str:
        """BibTeX of all that the run rests on."""
        from eupnea.account import cited

        return "\n\n".join(cited(self).values()) + "\n"


def _COURSE(pl: Any) -> dict[str, Any]:
    numbers = dict.fromkeys(("time", "value", *(q for q, _ in QUANTILES)), pl.Float64)
    return {"arm": pl.String, "person": pl.Int64, "signal": pl.String, "unit": pl.String, **numbers, "n": pl.Int64}


def _course(
    pl: Any, head: Mapping[str, str], person: int | None, times: Array, value: Array, bands: Mapping[str, Array]
) -> pl.DataFrame:
    schema = _COURSE(pl)
    empty = dict.fromkeys((*(q for q, _ in QUANTILES), "n"))
    columns = {"time": times, "value": value, **empty, **bands}
    frame = pl.DataFrame({key: column for key, column in columns.items() if column is not None})
    fixed = [pl.lit(text).alias(key) for key, text in head.items()]
    missing = [pl.lit(None).alias(key) for key, column in columns.items() if column is None]
    full = frame.with_columns(*fixed, *missing, pl.lit(person).alias("person"))
    return full.select([pl.col(key).cast(kind) for key, kind in schema.items()])


def _is_band(frame: pl.DataFrame, people: int) -> Any:
    return frame["person"].is_null() if people > 1 else frame["person"].is_not_null()


def summary(outcome: Outcome, values: Array, people: int) -> dict[str, Any]:
    """value, unit, low, high, n and kind of an outcome over people, as outcomes.json has it."""
    there = values[np.isfinite(values)]
    low: float | None = None
    high: float | None = None
    value: float | None = None
    if there.size:
        value, low, high = interval.median(there)
    if people == 1:
        low = high = None
    return {"value": value, "unit": outcome.unit, "low": low, "high": high, "n": int(there.size), "kind": "quantity"}


# --- running --------------------------------------------------------------------------------------------------------


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
    solver = prepare(system(job.model, given))
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
            work = pool.map(one.person, p, plans, chunksize=16)
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
        ideal = solve(solver, q, plan, job.duration, flows, tolerance)
        results[arm.name] = ArmResult(values, curves, failures, ideal, _amounts(solver, plan, job.duration))
    warnings = tuple(_warnings(job, who, given))
    return Run(job, results, times, tuple(signals), solver, clock.perf_counter() - begun, threads, tolerance, warnings)


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
    from dataclasses import replace

    fixed = {
        key: replace(d, kind="fixed", first=d.typical, second=0.0, choice=())
        if hasattr(d, "first")
        else replace(d, options=((d.typical, 1.0),))
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

    def person(self, p: Array, plan: Sequence[Given]) -> tuple[dict[str, float], Array, str | None]:
        system = self.solver.system
        known = {*system.signals, *system.pools}
        wanted = dict.fromkeys(name for outcome in self.scenario.outcomes for name in _needs(outcome))
        wanted |= dict.fromkeys(self.signals)
        recorded = [name for name in wanted if name in known]
        path = solve(self.solver, p, plan, self.scenario.duration, recorded, self.tolerance)
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
        return Curve(margin.start, margin.stop, -margin.value) if condition.op in ("<", "<=") else margin

    def _baseline(self, signal: str, p: Array) -> float:
        """The same person, settled, with no drug."""
        system = self.solver.system
        if signal not in system.signals:
            return 0.0
        rest = np.array(start(system, list(p)), dtype=float)
        return float(witness.signals(system, 0.0, rest, p)[signal])


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


def _plans(job: Scenario, arm: Arm, who: crowd.Cast, solver: Solver) -> list[list[Given]]:
    """What each person is given in an arm, in the order of time."""
    plans: list[list[Given]] = [[] for _ in range(who.count)]
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
            amount = amount * item.purity * drug.forms[item.form].value * 1e6 / drug.molar_mass
        if per_kg:
            amount = amount * who.measures["weight"]
        for number in range(item.count if item.every else 1):
            at = item.time + number * item.every
            if at > job.duration:
                break
            for plan, nmol in zip(plans, amount, strict=True):
                plan += dose(pool, at, float(nmol), item.over)
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


def _warnings(job: Scenario, who: crowd.Cast, given: Sequence[str]) -> Iterable[str]:
    """Where a run leaves what a drug's numbers were made for: its [domain]."""
    from eupnea.account import warnings

    return warnings(job, who, given)
