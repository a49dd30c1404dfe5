"""The record of a finished run, and what it answers: frames of outcomes and time courses, numbers and sources."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eupnea.core import interval
from eupnea.core.solve import Solver
from eupnea.language import Outcome
from eupnea.outcomes import KINDS
from eupnea.person import MODELS, vocabulary
from eupnea.scenario import Output, Scenario

if TYPE_CHECKING:
    import polars as pl

Array = np.ndarray
QUANTILES: Final = (("q05", 0.05), ("q25", 0.25), ("q50", 0.5), ("q75", 0.75), ("q95", 0.95))


@dataclass(frozen=True)
class Typical:
    """The person with everything typical: what went along each flow [nmol], where pools ended, what moles are lost."""

    flows: Mapping[str, float]
    final: Array  # (pools,)
    loss: Mapping[str, float]  # by family, as a share
    failure: str | None
    events: tuple[dict[str, Any], ...] = ()  # what happened to this person, in order (`timeline.events`)


@dataclass(frozen=True)
class ArmResult:
    """What one arm gave.  values[outcome]: (people,), NaN where it does not exist.

    Time courses: curves[signal], (people, times) of as many as the scenario wants written; bands[signal],
    (quantiles, times) over all who did not fail, none for one person.
    """

    values: Mapping[str, Array]
    curves: Mapping[str, Array]
    bands: Mapping[str, Array]
    failures: Mapping[int, str]  # person (from 1) -> reason
    typical: Typical
    amounts: Mapping[tuple[str, str], float]  # nmol given to the typical person, by drug and route
    acts: Mapping[str, Array]  # by rule: (people,) how often it acted
    beating: Array | None = None  # share of people whose heart beats, at the times of Run.clock; None: not followed


@dataclass(frozen=True)
class Run:
    """A finished run."""

    scenario: Scenario
    results: Mapping[str, ArmResult]
    times: Array
    signals: tuple[str, ...]
    solver: Solver
    wall_time: float
    threads: int
    tolerance: float
    warnings: tuple[str, ...]
    knowledge: int | None = None  # which draw of the uncertainty of typical values; None: none

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
        kinds = dict(
            arm=pl.String, outcome=pl.String, value=pl.Float64, unit=pl.String, low=pl.Float64, high=pl.Float64
        )
        return pl.DataFrame(rows, schema={**kinds, "n": pl.Int64, "kind": pl.String, "failures": pl.Int64})

    @property
    def clock(self) -> Array:
        """The times of `ArmResult.beating` [min]."""
        return np.array(Output().grid(self.scenario.duration, self.scenario.doses))

    def contrasts(self) -> pl.DataFrame:
        """outcome, arm, against, n, differ, difference, low, high: shares against another arm's, in the same people."""
        import polars as pl

        from eupnea.contrasts import contrasts

        kinds = dict(outcome=pl.String, arm=pl.String, against=pl.String, n=pl.Int64, differ=pl.String)
        return pl.DataFrame(contrasts(self), schema=kinds | dict.fromkeys(("difference", "low", "high"), pl.Float64))

    def signal(self, name: str, arm: str | None = None) -> pl.DataFrame:
        """time [min] and value (one person) or q05 q25 q50 q75 q95 n (people) of a recorded signal, with its unit."""
        if name not in self.signals:
            raise KeyError(f"'{name}' was not recorded; recorded are {', '.join(self.signals)}")
        frame = self.timecourse()
        here = (frame["signal"] == name) & (frame["arm"] == self._arm(arm)) & _is_band(frame, self.people)
        shown = ["value"] if self.people == 1 else [*(q for q, _ in QUANTILES), "n"]
        return frame.filter(here).select("time", *shown, "unit")

    def _arm(self, name: str | None) -> str:
        if name is not None and name not in self.results:
            raise KeyError(f"no arm is called '{name}'; there are {', '.join(self.arms)}")
        return name or self.arms[0]

    def timecourse(self) -> pl.DataFrame:
        """The frame of timecourse.parquet: arm, person (null for bands), time, signal, unit, value, q05 .. q95, n."""
        return self._timecourse

    @functools.cached_property
    def _timecourse(self) -> pl.DataFrame:
        import polars as pl

        parts = [part for arm, result in self.results.items() for part in self._parts(arm, result)]
        return pl.concat(parts) if parts else pl.DataFrame(schema=_schema(pl))

    def _parts(self, arm: str, result: ArmResult) -> Iterable[pl.DataFrame]:
        import polars as pl

        for name in self.signals:
            head = {"arm": arm, "signal": name, "unit": vocabulary(self.scenario.model).signals[name]}
            if self.people > 1:
                levels = dict(zip((q for q, _ in QUANTILES), result.bands[name], strict=True))
                counts = np.full(self.times.size, self.people - len(result.failures))
                yield _course(pl, head, None, self.times, levels["q50"], {**levels, "n": counts})
            for person, values in enumerate(result.curves[name], start=1):
                yield _course(pl, head, person, self.times, values, {})

    def total(self, flow: str, arm: str | None = None) -> float:
        """A flow [nmol/min] over the whole run [nmol], in the typical person."""
        return self.results[self._arm(arm)].typical.flows[flow]

    def numbers(self) -> list[dict[str, Any]]:
        """Every number that the run used: quantity, value, unit, source, where, grade, note, cv, rse."""
        from eupnea.account import numbers

        return numbers(self)

    def sources(self) -> str:
        """BibTeX of all that the run rests on."""
        from eupnea.account import cited

        return "\n\n".join(cited(self).values()) + "\n"


def bands(table: Array, there: Array) -> Array:
    """(quantiles, times) of time courses (people, times) over these people; NaN where there are none.

    Exact, by sorting; between two people's values a straight line.
    """
    if there.size == 0:
        return np.full((len(QUANTILES), table.shape[1]), np.nan)
    whole = there.size == len(table)
    ordered = np.sort(np.ascontiguousarray((table if whole else table[there]).T), axis=1)
    places = [share * (there.size - 1) for _, share in QUANTILES]
    low = [math.floor(place) for place in places]
    above = [ordered[:, min(k + 1, there.size - 1)] - ordered[:, k] for k in low]
    return np.stack([ordered[:, k] + (place - k) * gap for k, place, gap in zip(low, places, above, strict=True)])


def _schema(pl: Any) -> dict[str, Any]:
    numbers = dict.fromkeys(("time", "value", *(q for q, _ in QUANTILES)), pl.Float64)
    return {"arm": pl.String, "person": pl.Int64, "signal": pl.String, "unit": pl.String, **numbers, "n": pl.Int64}


def _course(
    pl: Any, head: Mapping[str, str], person: int | None, times: Array, value: Array, bands: Mapping[str, Array]
) -> pl.DataFrame:
    schema = _schema(pl)
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
    kind = KINDS[outcome.function]
    if there.size and kind == "share":
        value, low, high = interval.share(int(there.sum()), there.size)
    elif there.size and kind == "count":
        value, low, high = interval.mean(there)
    elif there.size:
        value, low, high = interval.median(there)
    if people == 1:
        low = high = None
    return {"value": value, "unit": outcome.unit, "low": low, "high": high, "n": int(there.size), "kind": kind}
