"""A system, compiled, and one person's run through it: schedule in, curves of the chosen signals out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from . import machine
from .compose import System, start
from .curve import Curve
from .native import Native, compiled
from .schedule import Given
from .sparse import Elimination, eliminate

TOLERANCE = 5e-5  # the default, relative; see docs: halving it moves no outcome by more than 0.1 %
MOST_STEPS = 200_000
LOSS = 1e-9  # share of a family's moles that may go missing before a run counts as failed
BELOW = 1e-6  # how far below 0 a pool may dip by the method's own error, as a share of its natural scale


@dataclass(frozen=True)
class Solver:
    """A system ready to run: machine code and the walk of its elimination."""

    system: System
    native: Native
    elimination: Elimination
    families: tuple[str, ...]
    members: np.ndarray  # (families, pools) 1 where the pool holds moles of the family


@dataclass(frozen=True)
class Trajectory:
    """One person's run.  `failure` is None, or why the run ended before its time."""

    curves: Mapping[str, Curve]
    final: np.ndarray
    steps: int
    loss: Mapping[str, float]
    failure: str | None


def prepare(system: System) -> Solver:
    """Machine code, from the cache or compiled now.  Not from several threads at once: the compiler allows only one."""
    machine.machine()
    native = compiled(system)
    members = np.zeros((len(system.families), len(system.pools)))
    for row, pools in enumerate(system.families.values()):
        members[row, list(pools)] = 1
    walk = eliminate(len(system.pools), map(tuple, native.entries))
    return Solver(system, native, walk, tuple(system.families), members)


def solve(
    solver: Solver,
    p: Sequence[float] | np.ndarray,
    given: Sequence[Given],
    end: float,
    signals: Sequence[str] = (),
    tolerance: float = TOLERANCE,
    begin: np.ndarray | None = None,
) -> Trajectory:
    """Run one person, with parameters p (parameters,), from 0 to `end` [min]; record `signals` (or pools, by name).

    begin: the pools at 0, where they are not as `start` says.
    """
    system, native = solver.system, solver.native
    p = np.ascontiguousarray(p, dtype=float)
    y = np.array(start(system, list(p)) if begin is None else begin, dtype=float)
    plan = sorted((g for g in given if g.time <= end), key=lambda g: g.time)
    names = [*system.signals, *system.pools]
    chosen = np.array([names.index(name) for name in signals], dtype=np.int64)
    scale = _scale(system, plan, end, y)
    steps = machine.run(
        (native.rates, native.signals, native.jacobian),
        len(system.signals),
        solver.elimination,
        p,
        y,
        (
            np.array([g.time for g in plan], dtype=float),
            np.array([g.pool for g in plan], dtype=np.int64),
            np.array([g.amount for g in plan], dtype=float),
            np.array([g.rate for g in plan], dtype=float),
        ),
        float(end),
        tolerance,
        FLOOR * scale,
        chosen,
        solver.members,
        MOST_STEPS,
    )
    units = {**dict(zip(system.pools, system.units, strict=True)), **system.signals}
    value = np.ascontiguousarray(steps.value.transpose(1, 0, 2))
    left, right = steps.edges[:, 0].copy(), steps.edges[:, 1].copy()
    curves = {name: Curve(left, right, value[k], units[name]) for k, name in enumerate(signals)}
    losses = dict(zip(solver.families, map(float, steps.loss), strict=True))
    failure = _failure(solver, steps, losses, scale)
    if failure is None and not np.isfinite(steps.value.sum()):
        failure = _not_finite(curves)
    return Trajectory(curves, steps.final, len(steps.edges), losses, failure)


FLOOR = 1e-6  # of a pool's natural scale: what is smaller is followed to this absolute accuracy only


def _scale(system: System, plan: Sequence[Given], end: float, y: np.ndarray) -> np.ndarray:
    """The natural scale of each pool: the moles there or given in this run, that in 10 L, and 1 for fractions."""
    moles = sum(y[i] for i, unit in enumerate(system.units) if unit == "nmol")
    moles += sum(g.amount for g in plan if system.units[g.pool] == "nmol")
    moles += sum(g.rate * (end - g.time) for g in plan if system.units[g.pool] == "nmol")
    moles = max(moles, 1.0)
    of_unit = {"nmol": moles, "nmol/L": moles / 10}
    return np.array([of_unit.get(unit, 1.0) for unit in system.units])


def _failure(solver: Solver, steps: machine.Steps, loss: Mapping[str, float], scale: np.ndarray) -> str | None:
    system = solver.system
    if steps.status == machine.TOO_MANY_STEPS:
        return f"more than {MOST_STEPS} steps; stopped at {steps.reached:.4g} min"
    if steps.status == machine.STEP_TOO_SMALL:
        return f"the step became too small at {steps.reached:.4g} min: some equation has no finite value there"
    worst = max(loss, key=lambda family: loss[family], default=None)
    if worst is not None and not loss[worst] <= LOSS:
        return f"moles of the {worst} family are not kept: {loss[worst]:.2g} of what was given"
    pool = int(np.argmin(steps.lowest / scale))
    if not steps.lowest[pool] >= -BELOW * scale[pool]:
        return f"the pool {system.pools[pool]} fell below 0, to {steps.lowest[pool]:.3g} {system.units[pool]}"
    return None


def _not_finite(curves: Mapping[str, Curve]) -> str | None:
    for name, curve in curves.items():
        wrong = ~np.isfinite(curve.value).all(axis=1)
        if wrong.any():
            return f"{name} has no finite value at {curve.start[int(np.argmax(wrong))]:.4g} min"
    return None
