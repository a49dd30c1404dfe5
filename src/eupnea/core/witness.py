"""The witness: plain NumPy on the processes themselves, classic RK4 at a small fixed step.

Another algorithm on purpose, which never sees the trace: what it and the solver agree on is not an accident of either.
The past of what is heard is a cubic on every step, through its ends and its thirds; before 0 it is the rest, at which a
run begins.  Where anybody has an event, all end their step there (bisection) and go on from what it assigns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .compose import Ago, System, assign, evaluate, now, start
from .schedule import Given

Array = np.ndarray
MOST_AT_ONCE = 100  # events of one moment
HALVINGS = 42  # of a step, to find an event: to 1e-12 of it


def rates(system: System, t: float, y: Array, p: Array) -> Array:
    """Rate of change of every pool; y is (pools,) or (pools, people), p (parameters,) or (parameters, people)."""
    return _full(evaluate(system, t, list(y), list(p))[0], y)


def signals(system: System, t: float, y: Array, p: Array) -> dict[str, Array]:
    """Every signal at one instant."""
    return {name: np.broadcast_to(v, y.shape[1:]) for name, v in evaluate(system, t, list(y), list(p))[1].items()}


def rest(system: System, p: Array, minutes: float, step: float) -> Array:
    """Pools after so long without any dose, from where `start` puts them."""
    return integrate(system, p, [], [minutes], step)[0][-1]


def integrate(
    system: System,
    p: Array,
    given: Sequence[Given],
    times: Sequence[float],
    step: float,
    begin: Array | None = None,
) -> tuple[Array, dict[str, Array]]:
    """(pools, signals) at `times` (rising): pools (times, pools[, people]), each signal (times[, people]).

    Steps of at most `step` [min] that land on everything given and on every time.  begin: the pools at 0, and before.
    """
    p = np.asarray(p, dtype=float)
    y = _full(start(system, list(p)) if begin is None else list(begin), p)
    run = _Run(system, p, np.zeros_like(y), _Past(system, y, p))
    waiting = sorted(given, key=lambda g: g.time)
    pools, seen, t = [], [], 0.0
    for target in sorted({*(g.time for g in waiting), *times}):
        count = max(1, int(np.ceil((target - t) / step - 1e-9)))
        width = (target - t) / count
        for number in range(count if target > t else 0):
            y = run.through(t + number * width, y, t + (number + 1) * width)
        t = target
        while waiting and waiting[0].time <= t:
            new = waiting.pop(0)
            before, y = run.look(t, t, y).crossings, y.copy()
            y[new.pool] += new.amount
            run.inflow[new.pool] += new.rate
            y = run.happen(t, before, y)
        if target in times:
            pools.append(y.copy())
            seen.append(run.look(t, t, y).signals)
    return np.array(pools), {name: np.array([s[name] for s in seen]) for name in system.signals}


def _full(values: Sequence[Array], like: Array) -> Array:
    return np.stack([np.broadcast_to(value, like.shape[1:]) for value in values]).astype(float)


@dataclass(frozen=True)
class _Look:
    """One evaluation."""

    slope: Array  # (pools, people)
    signals: Mapping[str, Array]  # and pools that are heard
    crossings: Array  # (events, people)


class _Run:
    """The steps of a batch of people."""

    def __init__(self, system: System, p: Array, inflow: Array, past: _Past) -> None:
        self.system, self.p, self.inflow, self.past = system, p, inflow, past
        self.still = np.zeros(p.shape[1:], dtype=bool)  # for whom an event has ended all that flows
        self.latest: tuple[Array, _Look] | None = None  # the pools at the end of the step before, and how they look

    def look(self, t: float | Array, since: float, y: Array) -> _Look:
        """At time t of a step that began at `since`."""
        flows, seen, found = evaluate(self.system, t, list(y), list(self.p), self.past.at(t, since))
        known = {name: np.broadcast_to(value, self.p.shape[1:]) for name, value in seen.items()}
        known |= {name: y[self.system.pool(name)] for name in self.system.heard if name not in known}
        crossings = (
            _full([found[name] for name in self.system.events], self.p) if found else np.zeros((0, *y.shape[1:]))
        )
        return _Look(np.where(self.still, 0.0, _full(flows, self.p) + self.inflow), known, crossings)

    def through(self, t: float, y: Array, end: float) -> Array:
        """From t to the end of a step, with all events between."""
        while t < end:
            here = self.latest[1] if self.latest and self.latest[0] is y else self.look(t, t, y)
            until, new = end, self.step(t, y, here, end - t)
            there = self.look(until, t, new)
            if ((here.crossings < 0) & (there.crossings >= 0)).any():
                until = self._first(t, y, here, end, there)
                new = self.step(t, y, here, until - t)
                there = self.look(until, t, new)
            if self.system.heard:
                self.past.keep(t, until, [here, *self._thirds(t, y, here, until, new, there), there])
            self.latest = (new, there)
            t, y = until, self.happen(until, here.crossings, new)
        return y

    def step(self, t: float, y: Array, here: _Look, h: float | Array) -> Array:
        """Classic RK4; h may be one for each person."""
        k1 = here.slope
        k2 = self.look(t + h / 2, t, y + h / 2 * k1).slope
        k3 = self.look(t + h / 2, t, y + h / 2 * k2).slope
        k4 = self.look(t + h, t, y + h * k3).slope
        return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)

    def _thirds(self, t: float, y: Array, here: _Look, until: float, new: Array, there: _Look) -> list[_Look]:
        """A step at its thirds: between its ends and the slopes there, the state is a cubic."""
        found, h = [], until - t
        for u in (1 / 3, 2 / 3):
            between = (1 + 2 * u) * (1 - u) ** 2 * y + u * u * (3 - 2 * u) * new
            between = between + h * (u * (1 - u) ** 2 * here.slope - u * u * (1 - u) * there.slope)
            found.append(self.look(t + u * h, t, between))
        return found

    def _first(self, t: float, y: Array, here: _Look, end: float, there: _Look) -> float:
        """When the first event of anybody happens: of two halves, always the one in which it lies."""
        low, high = np.zeros(self.p.shape[1:]), np.full(self.p.shape[1:], end - t)
        risen = ((here.crossings < 0) & (there.crossings >= 0)).any(axis=0)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            seen = self.look(t + middle, t, self.step(t, y, here, middle)).crossings
            early = ((here.crossings < 0) & (seen >= 0)).any(axis=0)
            low, high = np.where(early, low, middle), np.where(early, middle, high)
        return max(float(np.min(np.where(risen, t + high, end))), float(np.nextafter(t, end)))

    def happen(self, t: float, before: Array, y: Array) -> Array:
        """One after the other, the events whose value was below 0 and is no more; what they set off happens at once."""
        below = before < 0
        for _ in range(MOST_AT_ONCE):
            after = self.latest[1].crossings if self.latest and self.latest[0] is y else self.look(t, t, y).crossings
            risen = below & (after >= 0)
            if not risen.any():
                return y
            first = risen & (np.cumsum(risen, axis=0) == 1)
            y, below = y.copy(), (risen & ~first) | (after < 0)
            for name, who in zip(self.system.events, first, strict=True):
                self.still = self.still | (who & (name in self.system.ends))
                assigned = assign(self.system, name, t, list(y), list(self.p), self.past.at(t, t)) if who.any() else {}
                for pool, value in assigned.items():
                    y[pool] = np.where(who, value, y[pool])
        raise RuntimeError(f"events follow from one another without end at {t:g} min")


class _Past:
    """What is heard, at the ends and thirds of every step since 0."""

    def __init__(self, system: System, y: Array, p: Array) -> None:
        known = evaluate(system, 0.0, list(y), list(p), now)[1] | dict(zip(system.pools, y, strict=True))
        self.rest = {name: np.broadcast_to(known[name], p.shape[1:]) for name in system.heard}
        self.begins: list[float] = []
        self.steps: list[tuple[float, dict[str, Array]]] = []  # end, and values at 0, 1/3, 2/3, 1 of the step

    def keep(self, begin: float, end: float, seen: Sequence[_Look]) -> None:
        self.begins.append(begin)
        self.steps.append((end, {name: np.array([s.signals[name] for s in seen]) for name in self.rest}))

    def at(self, t: float | Array, begin: float) -> Ago:
        """How the past is asked at time t of a step that began at `begin` and is not kept yet."""

        def ago(name: str, value: Array, delay: Array) -> Array:
            then, value = np.broadcast_arrays(t - delay, value)
            last = self.steps[-1][1][name][3] if self.steps else self.rest[name]
            share = np.divide(then - begin, t - begin, out=np.ones(then.shape), where=np.asarray(t > begin))
            found = np.where(then > begin, last + share * (value - last), value)  # within this step, a line
            found = np.where((then <= begin) & (delay > 0), last, found)
            found = np.where((then < 0) & (delay > 0), self.rest[name], found)
            old = (then >= 0) & (then < begin) & (delay > 0)
            place = np.searchsorted(self.begins, then, side="right") - 1
            for k in np.unique(place[old]):
                end, values = self.steps[k]
                u = (then - self.begins[k]) / (end - self.begins[k])
                found = np.where(old & (place == k), _cubic(values[name], u), found)
            return found

        return ago


def _cubic(values: Array, u: Array) -> Array:
    """The cubic through values at 0, 1/3, 2/3 and 1."""
    (a, b, c, e), v = values, 3 * u
    outer = e * v * (v - 1) * (v - 2) - a * (v - 1) * (v - 2) * (v - 3)
    return outer / 6 + (b * (v - 3) * (v - 2) - c * (v - 1) * (v - 3)) * v / 2
