"""What must hold of a run on a random structure: sound on its own, and of one mind with the witness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eupnea.core import curve
from eupnea.core.compose import System
from eupnea.core.curve import Curve
from eupnea.core.schedule import Given, dose
from eupnea.core.solve import TOLERANCE, Courses, Solver, prepare, solve
from eupnea.core.witness import integrate
from random_systems import Scenarios, scenarios

Array = np.ndarray


def wrongs(system: System, asked: Scenarios, run: Courses) -> list[str]:
    """What is silently wrong with a run of these scenarios: no failure said, and yet no sound result."""
    found = []
    people = np.array([i for i in range(len(asked.p)) if i not in run.failures], dtype=int)
    steps = np.isin(np.repeat(np.arange(len(asked.p)), np.diff(run.first)), people)
    found += [f"{name} is not finite" for name, value in run.value.items() if not np.isfinite(value[steps]).all()]
    if not np.isfinite(run.final[people]).all():
        found.append("a pool is not finite")
    found += [f"person {i} has not come to the end" for i in people if run.stop[run.first[i + 1] - 1] != asked.end]
    inner = steps.copy()
    inner[run.first[:-1]] = False
    if not (run.start[inner] == run.stop[np.flatnonzero(inner) - 1]).all():
        found.append("a step does not begin where the one before ended")
    return found + [f"person {i}: {text}" for i in people if (text := _lost(system, asked, run, int(i)))]


def _lost(system: System, asked: Scenarios, run: Courses, i: int) -> str:
    """Moles at the end against those given, counted anew from the doses and the times of acts."""
    if any(rule.stops for rule in asked.rules) or (np.array([a[i] for a in run.acts]) > run.acted.shape[2]).any():
        return ""
    end, n = asked.end, len(system.pools)
    molar = np.array([unit == "nmol" for unit in system.units])
    given = sum(g.amount + g.rate * (end - g.time) for g in asked.given[i] if g.time <= end)
    for rule, times in zip(asked.rules, run.acted[i], strict=True):
        for act in rule.acts:
            size, when = float(np.broadcast_to(act.size, len(asked.p))[i]), times[np.isfinite(times)]
            lasts = np.minimum(act.until, end - when) if act.until else end - when
            given += size * (len(when) if act.target < n else float(lasts.sum()))
    there = float(run.final[i] @ molar)
    return "" if abs(there - given) <= 1e-9 * max(given, 1e-6) else f"{there:.12g} nmol of {given:.12g} are there"


@dataclass
class Duel:
    """Verdicts of the solver and of the witness on the same people."""

    counts: dict[str, int]
    errors: list[
        float
    ]  # of each signal of each person, the largest at the times asked, as a share of its largest value
    wrong: list[str]  # verdicts that differ although the margin is wide


def duel(system: System, rng: np.random.Generator, people: int = 6, end: float = 12.0, step: float = 0.06) -> Duel:
    """Does each signal pass a random level, how often did each event happen: asked of the solver and of the witness.

    A verdict on a level is near if the signal comes within twice the tolerance of it; one on events, if the solver at a
    ten-thousandth of the tolerance gives another than at the default.
    """
    p = scenarios(system, rng, people, end, rules=False).p
    shared = _shared_doses(system, rng, people, end)
    times = np.sort(np.append(rng.uniform(0.1, end, 30), end))
    pools, signals = integrate(system, p.T, shared, times, step)
    solver, given = prepare(system), [[_of(g, i) for g in shared] for i in range(people)]
    names = [*system.signals, *(name for name in system.pools if name == "body.count")]
    run = solve(solver, p, given, end, names)
    found = Duel(dict.fromkeys(("people", "failures", "levels", "near", "events", "near events", "wrong"), 0), [], [])
    found.counts["people"], found.counts["failures"] = people, len(run.failures)
    found.wrong += [f"person {i}: {text}" for i, text in run.failures.items()]
    ours = {n: curve.at(Curve(run.first, run.start, run.stop, run.value[n]), times) for n in names}
    same = np.array([i not in run.failures for i in range(people)])
    if "body.count" in names:
        same &= _event_verdicts(found, solver, p, given, end, run, pools[-1][system.pool("body.count")])
    for name, theirs in signals.items():
        scale = np.maximum(np.abs(theirs).max(axis=0), 1e-9)
        level, top = rng.uniform(0, 1.1, people) * scale, theirs.max(axis=0)
        near = np.abs(top - level) <= 2 * TOLERANCE * scale
        differ = (ours[name].max(axis=1) > level) != (top > level)
        found.counts["levels"] += int(same.sum())
        found.counts["near"] += int((same & near).sum())
        found.errors += (np.abs(ours[name].T - theirs).max(axis=0) / scale)[same].tolist()
        found.wrong += [f"person {i}: {name} over {level[i]:.6g}?" for i in np.flatnonzero(same & differ & ~near)]
    found.counts["wrong"] = len(found.wrong)
    return found


def _event_verdicts(
    found: Duel, solver: Solver, p: Array, given: list[list[Given]], end: float, run: Courses, theirs: Array
) -> Array:
    """Whose count of events is the witness's."""
    place = solver.system.pool("body.count")
    ours, same = run.final[:, place], run.final[:, place] == theirs
    found.counts["events"] += len(p)
    if not same.all():
        tight = solve(solver, p, given, end, (), TOLERANCE * 1e-4).final[:, place]
        near = ~same & (tight != ours)
        found.counts["near events"] += int(near.sum())
        off = np.flatnonzero(~same & ~near)
        found.wrong += [f"person {i}: {ours[i]:g} events, the witness has {theirs[i]:g}" for i in off]
    return same


def _shared_doses(system: System, rng: np.random.Generator, people: int, end: float) -> list[Given]:
    """Doses at the same times for all, each with their own amounts, as the witness takes them."""
    ways, plan = sorted(set(system.doses.values())), []
    for _ in range(rng.integers(1, 4)):
        pool, time, over = int(rng.choice(ways)), float(rng.choice([0.0, rng.uniform(0, end)])), rng.choice([0.0, 3.0])
        amount = 10 ** rng.uniform(0.5, 3.5, people)
        plan += dose(pool, time, amount, float(over))
    return plan


def _of(shared: Given, i: int) -> Given:
    """One person's part of what is given to all at once."""

    def own(number: float | Array) -> float:
        return float(number if np.ndim(number) == 0 else number[i])

    return Given(shared.time, shared.pool, own(shared.amount), own(shared.rate))
