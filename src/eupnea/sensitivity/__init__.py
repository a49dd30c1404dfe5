"""Which numbers matter: how much of what is not known of an outcome each number of a scenario accounts for.

    sensitivity("iv_heroin").document          the content of sensitivity.json

First every number alone takes a step from some base points (screening); those that move some outcome are then looked
at one by one, the others together as one more factor, so that what screening left aside is seen (`design`).  Draws are
of what is known of typical values (`eupnea.knowledge`), in one typical person or over the same people at every draw.
How people differ is told beside it, and never mixed with it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from eupnea import job as jobs
from eupnea.core.errors import InputErrors, Problem
from eupnea.language import Outcome
from eupnea.person import library
from eupnea.scenario import Scenario
from eupnea.values import hint

from . import design, telling
from .answers import Key, Model
from .factors import OTHERS, Factor, by_number, by_process

__all__ = ["Sensitivity", "asked", "sensitivity"]
Array = np.ndarray
DRAWS: Final = 256  # base points of the indices
BASES: Final = 12  # base points of the screening
MOST_PEOPLE: Final = 1000  # of those who show how people differ
KEPT: Final = 0.95  # of an outcome's mean square effect: by as many factors as it takes ...
MOST_KEPT: Final = 24  # ... but in all no more than these, the largest
BY: Final = ("number", "process")
Told = Callable[[int, int], None]  # runs done, runs in all


@dataclass(frozen=True)
class Sensitivity:
    """What was found, as the record that sensitivity.json holds."""

    scenario: Scenario
    document: dict[str, Any]


def sensitivity(
    scenario: Scenario | Mapping[str, Any] | str | Path,
    *,
    outcomes: Sequence[str] = (),
    people: int | None = None,
    seed: int | None = None,
    draws: int = DRAWS,
    by: str = "number",
    threads: int | None = None,
    progress: Told | None = None,
) -> Sensitivity:
    """Screen a scenario's numbers and share the variance of its outcomes out among those that matter.

    outcomes: of the scenario; all unless said.  people: so many, the same at every draw; the typical person unless
    said.  by: "number" or "process".  Raises InputErrors with all that is wrong.
    """
    job = asked(scenario, outcomes, people, seed, by)
    crowd, told = (people or 1) > 1, progress or (lambda done, total: None)
    total = [1]  # runs; after screening it is known how many there are

    def tell(count: int) -> None:
        told(min(count, total[0]), total[0])

    model = Model(job if crowd else jobs.as_typical(job), threads or os.cpu_count() or 1, tell)
    if not model.numbers:
        text = "no number of this run is uncertain: all are set, exact or 0, and there is nothing to compare"
        raise InputErrors([Problem(job.file, None, text)])
    drugs, names = [*library(job.model).drugs], [number.name for number in model.numbers]
    factors = by_number(model.numbers) if by == "number" else by_process(model.numbers, drugs)
    each = model.work.who.count * len(job.arms)
    total[0] = each * (BASES * (len(factors) + 1) + draws * (2 + min(len(factors), MOST_KEPT + 1)) + 1)

    points, signs = design.steps(names, [factor.columns for factor in factors], job.people.seed, BASES)
    screened = model.answers(points)
    effects = {key: design.effects(values, signs) for key, values in screened.values.items()}
    kept, rest = _kept(factors, {key: square for key, (_, _, square) in effects.items()})
    looked_at = kept if rest is None else [*kept, rest]
    points = design.pairs(names, [factor.columns for factor in looked_at], job.people.seed, draws)
    total[0] = model.done + each * (len(points) + 1)
    answers = model.answers(points)
    typical = model.people(np.zeros((1, len(names))))
    shares = {key: _shares(values, len(looked_at), job.people.seed) for key, values in answers.values.items()}
    found = telling.Found(
        factors, looked_at, effects, shares, answers, {key: rows[0] for key, rows in typical.items()},
        _between(job, model, typical, crowd),
    )  # fmt: skip
    about = dict(people=model.work.who.count, draws=draws, bases=BASES, by=by, runs=model.done)
    restless = {arm: screened.restless[arm] + answers.restless[arm] for arm in answers.restless}
    failures = {arm: screened.failures[arm] + answers.failures[arm] for arm in answers.failures}
    return Sensitivity(job, telling.document(job, model, found, about, restless, failures))


def asked(
    scenario: Scenario | Mapping[str, Any] | str | Path,
    outcomes: Sequence[str] = (),
    people: int | None = None,
    seed: int | None = None,
    by: str = "number",
) -> Scenario:
    """The scenario with these outcomes alone, and these people.  Raises InputErrors."""
    if by not in BY:
        raise InputErrors([Problem("by", None, f"'{by}' is neither {' nor '.join(BY)}")])
    job = jobs.scenario_of(scenario)
    if job.people.table is not None:
        text = (
            "people of a table: their numbers are said, and nothing tells how well they are known; leave the table out"
        )
        raise InputErrors([Problem(job.file, None, text)])
    count = people if (people or 1) > 1 else None
    if (count or job.people.count, job.people.seed if seed is None else seed) != (job.people.count, job.people.seed):
        job = job.with_people(count, seed)  # which reads the scenario anew, with all its outcomes
    wanted = {_plain(text): text for text in outcomes}
    known = {_plain(one.text): one for one in job.outcomes}
    problems = [
        Problem(job.file, None, f"'{text}' is no outcome of this scenario{hint(text, [o.text for o in job.outcomes])}")
        for plain, text in wanted.items()
        if plain not in known
    ]
    if problems:
        raise InputErrors(problems)
    chosen: tuple[Outcome, ...] = tuple(one for plain, one in known.items() if not wanted or plain in wanted)
    return replace(job, outcomes=chosen)


def _plain(text: str) -> str:
    return "".join(text.split())


def _kept(factors: Sequence[Factor], squares: Mapping[Key, Array]) -> tuple[list[Factor], Factor | None]:
    """The factors that are looked at one by one, and the others as one; by their part in some outcome's mean square."""
    parts = [square / square.sum() for square in squares.values() if square.sum() > 0]
    needed = np.zeros(len(factors))
    for part in parts:
        order = np.argsort(-part, kind="stable")
        before = np.cumsum(part[order]) - part[order]
        needed[order] = np.maximum(needed[order], np.where(before < KEPT, part[order], 0.0))
    best = [int(i) for i in np.argsort(-needed, kind="stable")[:MOST_KEPT] if needed[i] > 0]
    kept = [factors[i] for i in sorted(best)]
    others = [factor for i, factor in enumerate(factors) if i not in best]
    return kept, Factor.of(OTHERS, others) if others else None


def _shares(values: Array, factors: int, seed: int) -> design.Shares | None:
    """None where there is nothing to share out, or too many draws have no value."""
    if telling.why_not(values):
        return None
    return design.shares(values, factors, seed)


def _between(job: Scenario, model: Model, typical: Mapping[Key, Array], crowd: bool) -> dict[Key, Array]:
    """(people,) of every outcome, all numbers at their typical values: how people differ."""
    if crowd or job.people.count == 1:
        return {key: rows[0] for key, rows in typical.items()} if crowd else {}
    some = job if job.people.count <= MOST_PEOPLE else replace(job, people=replace(job.people, count=MOST_PEOPLE))
    people = Model(some, model.work.threads, lambda count: None)
    return {key: rows[0] for key, rows in people.people(np.zeros((1, len(people.numbers)))).items()}
