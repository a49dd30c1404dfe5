"""A system, compiled, and many people's runs through it: schedules and rules in, cubics of the chosen signals out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from . import machine
from .compose import System, start
from .machine import Steps, Work
from .memory import Memory
from .native import Native, compiled
from .schedule import Given, Rule

Array = np.ndarray
TOLERANCE = 1e-4  # the default, relative: at half of it hardly any outcome of a shipped scenario moves by 0.1 %
AMOUNTS: Final = ("nmol", "nmol/L")
LOSS = 1e-9  # share of a family's moles that may go missing before a run counts as failed
BELOW = 1e-6  # how far below 0 a pool may dip by the method's own error, as a share of its natural scale
ROOM, STEPS_A_DOSE = 640, 128  # steps that there is room for at first; people who need more are run again in more
LONG_AGO = 1e7  # min: by then a body to which nothing is given is at rest
ROUGH = 1e-2  # tolerance on the way to rest: steps that grow end there whatever their errors were
CALM = 1440.0  # min: in this time those come to rest whom such large steps throw to and fro across a kink
HASTE = 800  # large steps on the way to rest, at most: people need some 50, and one who is thrown to and fro never ends
SETTLING = 10_000  # steps of such a day, at most: who needs more, as one whose breathing swings for ever, has no rest
NO_REST: Final = "no rest without drugs: "  # before why a person has none
STILL = 1e-6  # of its natural scale a minute: what changes slower is at rest


@dataclass(frozen=True)
class Solver:
    """A system ready to run."""

    system: System
    native: Native
    families: tuple[str, ...]
    members: Array  # (families, pools) 1 where the pool holds moles of the family
    positive: Array  # (pools,) whether a pool holds a drug, of which there cannot be less than nothing
    names: Mapping[str, int]  # where each signal, event and pool stands among what is computed


@dataclass(frozen=True)
class Courses:
    """Many people's runs: the steps of one after those of another, and a cubic on every step for each signal.

    A step's end and the start of the next may differ in value (a dose, an event): the value at a time is the one after.
    """

    first: Array  # (people + 1,): the steps of person i are first[i] : first[i + 1]
    start: Array  # (steps,) [min]
    stop: Array
    value: Mapping[str, Array]  # (steps, 4): at 0, 1/3, 2/3 and 1 of each step
    units: Mapping[str, str]
    final: Array  # (people, pools)
    failures: Mapping[int, str]  # person (from 0) -> why the run ended before its time
    tries: Array  # (people,) steps tried, those that were too long included
    acts: tuple[Array, ...]  # (people,) of each rule: how often it acted
    acted: Array  # (people, rules, times) [min] of the first acts; NaN where there are fewer
    loss: Mapping[str, Array]  # (people,) the largest share of a family's moles that was ever missing


def prepare(system: System) -> Solver:
    """Machine code, from the cache or compiled now.  Not from several threads at once: the compiler allows only one."""
    machine.machine()
    native = compiled(system)
    members = np.zeros((len(system.families), len(system.pools)))
    for row, pools in enumerate(system.families.values()):
        members[row, list(pools)] = 1
    names = {name: k for k, name in enumerate((*system.signals, *system.events))}
    names |= {name: len(names) + k for k, name in enumerate(system.pools)}
    bound = {f"{c.place}.{drug}.{pool}" for c in system.copies for drug in c.members for pool in c.process.drug_pools}
    positive = np.array([u in AMOUNTS or n in bound for n, u in zip(system.pools, system.units, strict=True)])
    return Solver(system, native, tuple(system.families), members, positive, names)


def solve(
    solver: Solver,
    p: Array,
    given: Sequence[Sequence[Given]],
    end: float,
    signals: Sequence[str] = (),
    tolerance: float = TOLERANCE,
    begin: Array | None = None,
    rules: Sequence[Rule] = (),
    memory: Memory | None = None,
) -> Courses:
    """Run people with parameters p (people, parameters) from 0 to `end` [min]; record `signals` (or pools, by name).

    begin: (people, pools) at 0, where they are not at the drug-free rest.  memory: where the courses stand until
    another run takes it; else they have their own.
    """
    p = np.ascontiguousarray(p, dtype=float)
    early: Mapping[int, str] = {}
    if begin is None:
        begin, _, early = rest(solver, p)
    watched = [name for rule in rules for w in (rule.when, rule.reset) if w for name in (w.signal, w.other) if name]
    recorded = tuple(dict.fromkeys([*signals, *solver.system.heard, *watched]))
    scale = _scales(solver.system, given, end, begin)
    floors = scale * _floors(solver.system)
    begin = np.asarray(begin, dtype=float)
    work = Work(p, begin, floors, given, rules, _ending(solver), recorded, end, tolerance)
    longest = max((len(plan) for plan in given), default=0)
    steps = _run(solver, work, ROOM + STEPS_A_DOSE * longest, memory)
    return _courses(solver, steps, recorded, tuple(signals), {**_failures(solver, steps, scale), **early})


def rest(solver: Solver, p: Array, signals: Sequence[str] = ()) -> tuple[Array, dict[str, Array], dict[int, str]]:
    """What people are like with no drug, settled: (pools (people, pools), `signals` and pools by name (people,), who
    does not come to rest, and why).

    Pools that only gather and affect nothing stay as they began.
    """
    system = solver.system
    p = np.ascontiguousarray(p, dtype=float)
    begin = np.stack([np.broadcast_to(v, len(p)) for v in start(system, list(p.T))], axis=1).astype(float)
    empty = all(copy.process.start is None for copy in system.copies)  # a body that begins empty stays so
    if empty and not signals:
        return begin, {}, {}
    nothing: list[list[Given]] = [[]] * len(p)
    scale = _scales(system, nothing, 0.0, begin)
    recorded = tuple(dict.fromkeys([*signals, *system.heard]))
    end, floors = 0.0 if empty else LONG_AGO, scale * _floors(system)
    work = Work(p, begin, floors, nothing, (), _ending(solver), recorded, end, ROUGH, True, HASTE)
    gathers = ~np.isin(np.arange(begin.shape[1]), solver.native.entries[:, 1])
    far = _run(solver, work)
    found = np.where(gathers, begin, far.final)
    near, moved = _look(solver, replace(work, begin=found, end=1.0), gathers, scale)
    restless = np.flatnonzero((far.status != machine.DONE) | ~(moved.max(axis=1) <= STILL))
    if end > 0 and restless.size:
        calm = replace(work, begin=found, end=CALM, tolerance=TOLERANCE, most=SETTLING).only(restless)
        far = machine.merge(far, restless, _run(solver, calm))
        found[restless] = np.where(gathers, begin, far.final)[restless]
        near, moved = _look(solver, replace(work, begin=found, end=1.0), gathers, scale)
    why = {
        int(i): f"{system.pools[moved[i].argmax()]} goes on changing"
        for i in np.flatnonzero(~(moved <= STILL).all(axis=1))
    }
    why |= _failures(solver, near, scale) | _failures(solver, far, scale)
    first = np.minimum(np.cumsum(near.steps) - near.steps, max(len(near.since) - 1, 0))
    there = near.value if len(near.since) else np.full((len(recorded), 1, 4), np.nan)  # where nobody took a step
    values = {name: there[recorded.index(name), first, 0] for name in signals}
    return found, values, {i: f"{NO_REST}{text}" for i, text in sorted(why.items())}


def _look(solver: Solver, work: Work, gathers: Array, scale: Array) -> tuple[Steps, Array]:
    """(a while from where people are, how much of its scale each pool moves in it)"""
    near = _run(solver, work)
    return near, np.where(gathers, 0.0, np.abs(near.final - work.begin) / scale)


def _ending(solver: Solver) -> Array:
    return np.array([event in solver.system.ends for event in solver.system.events], dtype=np.int64)


def _run(solver: Solver, work: Work, room: int = ROOM, memory: Memory | None = None) -> Steps:
    """All people with room for some steps each; those who need more again, with more."""
    family = solver.members
    steps = machine.run(solver.native, solver.names, solver.system.heard, family, work, room, memory or Memory())
    full = np.flatnonzero(steps.status == machine.FULL)
    return machine.merge(steps, full, _run(solver, work.only(full), 8 * room)) if full.size else steps


def _floors(system: System) -> Array:
    """The share of its natural scale below which a pool is followed to this absolute accuracy only."""
    return np.array([_FLOOR.get(unit, _OTHERS) for unit in system.units])


# Amounts of a drug fall through many decades and are asked about all the way; what a body regulates stays near its rest
_FLOOR: Final = {"nmol": 1e-4, "nmol/L": 1e-4, "1": 1e-3}
_OTHERS: Final = 0.1


def _scales(system: System, given: Sequence[Sequence[Given]], end: float, begin: Array) -> Array:
    """(people, pools) natural scale of each pool: the moles there or given, that in 10 L, what it is at rest, or 1.

    Moles are those of the pool's family, for one drug may come in grams and another in micrograms.  A family of which
    only rules give has as many as the one of which least is given.
    """
    molar = np.array([unit == "nmol" for unit in system.units])
    own = _families(system)
    held = np.zeros((len(begin), len(system.families) + 1))  # the last: moles of no family
    for pool in np.flatnonzero(molar):
        held[:, own[pool]] += begin[:, pool]
    for i, plan in enumerate(given):
        for g in (g for g in plan if molar[g.pool]):
            held[i, own[g.pool]] += g.amount + g.rate * (end - g.time)
    least = np.where(held > 0, held, np.inf).min(axis=1, keepdims=True)
    held = np.where(held > 0, held, np.where(np.isfinite(least), least, 0.0))
    moles = np.maximum(held, 1.0)[:, own]
    solid = np.maximum(np.abs(begin), [1.0 if unit == "1" else 0.0 for unit in system.units])
    solid = np.where(solid > 0, solid, 1.0)
    concentration = np.array([unit == "nmol/L" for unit in system.units])
    return np.where(molar, moles, np.where(concentration, moles / 10, solid))


def _families(system: System) -> Array:
    """(pools,) which family a pool belongs to; -1 is none."""
    own = np.full(len(system.pools), -1)
    for k, pools in enumerate(system.families.values()):
        own[list(pools)] = k
    of = {drug: own[k] for k, name in enumerate(system.pools) for drug in name.split(".") if own[k] >= 0}
    of = {drug: k for drug, k in of.items() if drug in system.drugs}
    for pool, name in enumerate(system.pools):
        own[pool] = next((of[drug] for drug in name.split(".") if drug in of), own[pool])
    return own


def _courses(
    solver: Solver, steps: Steps, recorded: Sequence[str], signals: Sequence[str], failures: Mapping[int, str]
) -> Courses:
    units = {**dict(zip(solver.system.pools, solver.system.units, strict=True)), **solver.system.signals}
    value = {name: steps.value[recorded.index(name)] for name in signals}
    found = dict(failures)
    for name, four in ((name, four) for name, four in value.items() if not np.isfinite(four).all()):
        for step in np.flatnonzero(~np.isfinite(four).all(axis=1)):
            person = int(np.searchsorted(np.cumsum(steps.steps), step, side="right"))
            found.setdefault(person, f"{name} has no finite value at {steps.since[step]:.4g} min")
    return Courses(
        first=np.concatenate([[0], np.cumsum(steps.steps)]),
        start=steps.since,
        stop=steps.until,
        value=value,
        units={name: units[name] for name in signals},
        final=steps.final,
        failures=found,
        tries=steps.tries,
        acts=tuple(steps.acts.T),
        acted=steps.acted,
        loss={family: steps.loss[:, k] for k, family in enumerate(solver.families)},
    )


def _failures(solver: Solver, steps: Steps, scale: Array) -> dict[int, str]:
    """person -> why the run ended before its time, or what of it does not hold."""
    share = np.where(solver.positive, steps.lowest / scale, 0.0)
    good = (steps.status == machine.DONE) & (share >= -BELOW).all(axis=1) & (steps.loss <= LOSS).all(axis=1)
    return {int(i): _failure(solver, steps, share[i], int(i)) for i in np.flatnonzero(~good)}


def _failure(solver: Solver, steps: Steps, share: Array, i: int) -> str:
    system, at, lost = solver.system, f"at {steps.reached[i]:.4g} min", steps.loss[i]
    match int(steps.status[i]):
        case machine.TOO_MANY_STEPS:
            return f"more steps than are allowed; stopped {at}"
        case machine.STEP_TOO_SMALL:
            return f"the step became too small {at}: some equation has no finite value there"
        case machine.ENDLESS:
            return f"events or rules follow from one another without end {at}"
        case machine.CROWDED:
            return f"more infusions of rules at once than are kept in mind; stopped {at}"
    if lost.size and not lost.max() <= LOSS:
        family = solver.families[int(np.argmax(lost))]
        return f"moles of the {family} family are not kept: {lost.max():.2g} of what was given"
    pool = int(np.argmin(share))
    return f"the pool {system.pools[pool]} fell below 0, to {steps.lowest[i, pool]:.3g} {system.units[pool]}"
