"""The witness: plain NumPy on the processes themselves, classic RK4 at a small fixed step.

Another algorithm on purpose, which never sees the trace: what it and the solver agree on is not an accident of either.
The past of what is heard is a cubic on every step, through its ends and its thirds; before 0 it is the rest, at which a
run begins.  Everybody has a clock of their own: who has an event ends the step there and goes on from what it assigns.
Whose numbers are no longer finite, or whose events come too thick, goes no further and is NaN from then on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .compose import Ago, System, assign, evaluate, now, start
from .schedule import Given

Array = np.ndarray
MOST_AT_ONCE = 100  # events of one moment
MOST_MORE = 1_000  # steps that events may add on the way from one time that was asked for to the next
NARROW, HALVINGS = 1e-12, 60  # of a step: how closely an event is found; and how often it is halved at most for that


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
    step: float | Array,
    begin: Array | None = None,
) -> tuple[Array, dict[str, Array]]:
    """(pools, signals) at `times` (rising): pools (times, pools[, people]), each signal (times[, people]).

    Steps of at most `step` [min], each one's own if it is (people,), that land on everything given and on every time.
    begin: the pools at 0, and before.
    """
    p = np.asarray(p, dtype=float)
    if p.ndim == 2:
        found = course(system, p, given, times, step, begin)
        return found.pools, found.signals
    found = course(system, p[:, None], given, times, step, begin)
    return found.pools[..., 0], {name: value[..., 0] for name, value in found.signals.items()}


@dataclass(frozen=True)
class Course:
    """What the witness saw of some people."""

    pools: Array  # (times, pools, people)
    signals: dict[str, Array]  # (times, people)
    least: dict[str, Array]  # (people,) of each signal at the ends of all steps, before and after what happened there
    most: dict[str, Array]


def course(
    system: System,
    p: Array,
    given: Sequence[Given],
    times: Sequence[float],
    step: float | Array,
    begin: Array | None = None,
) -> Course:
    """As `integrate`, of (parameters, people)."""
    pools, seen = [], []
    with np.errstate(all="ignore"):
        y = _full(start(system, list(p)) if begin is None else [np.reshape(v, -1) for v in begin], p)
        run = _Run(system, p, y, np.broadcast_to(np.asarray(step, dtype=float), p.shape[1:]))
        for target in sorted({*(g.time for g in given if g.time <= max(times)), *times}):
            run.to(target)
            run.give([g for g in given if g.time == target])
            if target in times:
                pools.append(run.y)
                seen.append(run.signals())
    names = [*system.signals]
    found = np.array(seen).reshape(len(seen), len(names), p.shape[1])
    least, most = (dict(zip(names, values, strict=True)) for values in run.range)
    return Course(np.array(pools), {name: found[:, k] for k, name in enumerate(names)}, least, most)


def _full(values: Sequence[Array], like: Array) -> Array:
    found = np.empty((len(values), *like.shape[1:]))
    for k, value in enumerate(values):
        found[k] = value
    return found


@dataclass(frozen=True)
class _Look:
    """One evaluation."""

    slope: Array  # (pools, people)
    signals: Mapping[str, Array]  # and pools that are heard; a number if it is everybody's
    crossings: Array  # (events, people)


class _Run:
    """The steps of a batch of people."""

    def __init__(self, system: System, p: Array, y: Array, step: Array) -> None:
        self.system, self.p, self.y, self.longest = system, p, y, step
        self.t, self.inflow = np.zeros(p.shape[1]), np.zeros_like(y)
        self.still = np.zeros(p.shape[1], dtype=bool)  # for whom an event has ended all that flows
        self.past = _Past(system, y, p)
        self.here = self.look(self.t, self.t, y)  # what there is to see now
        self.range = np.full((2, len(system.signals), p.shape[1]), [[[np.inf]], [[-np.inf]]])  # least and most of each

    def look(self, t: Array, since: Array, y: Array) -> _Look:
        """At times t of steps that began at `since`."""
        flows, seen, found = evaluate(self.system, t, list(y), list(self.p), self.past.at(t, since))
        known = seen | {name: y[self.system.pool(name)] for name in self.system.heard if name not in seen}
        crossings = _full([found[name] for name in self.system.events], y)
        return _Look(np.where(self.still, 0.0, _full(flows, y) + self.inflow), known, crossings)

    def signals(self) -> Array:
        """(signals, people) now; they count for the least and the most."""
        now = _full([self.here.signals[name] for name in self.system.signals], self.y)
        self.range = np.array([np.minimum(self.range[0], now), np.maximum(self.range[1], now)])
        return now

    def to(self, target: float) -> None:
        """Everybody comes to one time, with all events on the way."""
        begin, steps = self.t, 0
        count = np.maximum(np.ceil((target - begin) / self.longest - 1e-9), 1)
        width = (target - begin) / count
        while (on := (self.t < target) & np.isfinite(self.y).all(axis=0)).any():
            number = np.floor((self.t - begin) / width + 1e-6) + 1  # of the even step that ends next, events or no
            self.advance(np.where(on, np.where(number < count, begin + number * width, target), self.t))
            steps += 1
            lost = (steps > count + MOST_MORE) & (self.t < target) | ~np.isfinite(self.y).all(axis=0)
            if lost.any():
                self.y = np.where(lost, np.nan, self.y)
                self.here = self.look(self.t, self.t, self.y)
        self.t = np.full_like(self.t, target)

    def give(self, due: Sequence[Given]) -> None:
        """All that is given at once; then the events that it sets off."""
        if due:
            before, self.y = self.here.crossings, self.y.copy()
            for new in due:
                self.y[new.pool] += new.amount
                self.inflow[new.pool] += new.rate
            self.here = self.look(self.t, self.t, self.y)
            self.happen(before)

    def advance(self, end: Array) -> None:
        """A step of everybody, as far as `end` or to their first event, which happens."""
        t, here = self.t, self.here
        self.signals()
        new = self.step(end - t)
        there = self.look(end, t, new)
        risen = _most(here, there) > 0
        if risen.any():
            share = self.first(risen, end - t, new, there)
            new = np.where(risen, self.between(share, end - t, new, there), new)
            end = np.where(risen, np.maximum(t + share * (end - t), np.nextafter(t, end)), end)
            there = self.look(end, t, new)
        if self.system.heard:
            thirds = [self.look(t + u * (end - t), t, self.between(u, end - t, new, there)) for u in (1 / 3, 2 / 3)]
            self.past.keep(t, end, [here, *thirds, there])
            there = self.look(end, end, new)
        self.t, self.y, self.here = end, new, there
        self.signals()
        self.happen(here.crossings)

    def step(self, h: Array) -> Array:
        """The pools after a step of classic RK4."""
        t, y, k1 = self.t, self.y, self.here.slope
        k2 = self.look(t + h / 2, t, y + h / 2 * k1).slope
        k3 = self.look(t + h / 2, t, y + h / 2 * k2).slope
        k4 = self.look(t + h, t, y + h * k3).slope
        return np.where(h > 0, y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), y)

    def between(self, u: float | Array, h: Array, new: Array, there: _Look) -> Array:
        """The pools at a share u of a step: the cubic through both ends and the slopes there."""
        level = self.y + u * u * (3 - 2 * u) * (new - self.y)  # what does not move stays so to the bit
        return level + h * (u * (1 - u) ** 2 * self.here.slope - u * u * (1 - u) * there.slope)

    def first(self, risen: Array, h: Array, new: Array, there: _Look) -> Array:
        """The share of a step at which the first event happens, between two ends of which only the later is behind it.

        By false position, where an end that stays counts half (Illinois), and every third time by halving.
        """
        low, high, side = np.zeros_like(h), np.ones_like(h), np.zeros_like(h)
        below, above = _most(self.here, self.here), _most(self.here, there)
        for number in range(HALVINGS):
            if not (on := risen & (high - low > NARROW)).any():
                break
            place = (low * above - high * below) / (above - below)
            place = np.where((number % 3 < 2) & (place > low) & (place < high), place, (low + high) / 2)
            place = np.where(below == 0, low + NARROW / 2, place)  # just behind a 0
            seen = self.look(self.t + place * h, self.t, self.between(place, h, new, there))
            value = _most(self.here, seen)
            early, late = on & (value > 0), on & ~(value > 0)
            low, high = np.where(late, place, low), np.where(early, place, high)
            below = np.where(late, value, np.where(early & (side > 0), below / 2, below))
            above = np.where(early, value, np.where(late & (side < 0), above / 2, above))
            side = np.where(early, 1.0, np.where(late, -1.0, side))
        return high

    def happen(self, before: Array) -> None:
        """One after the other, the events whose value was not above 0 and is; what they set off happens at once."""
        below = ~(before > 0)
        for _ in range(MOST_AT_ONCE):
            risen = below & (self.here.crossings > 0)
            if not risen.any():
                return
            first, past = risen & (np.cumsum(risen, axis=0) == 1), self.past.at(self.t, self.t)
            below, y = (risen & ~first) | ~(self.here.crossings > 0), self.y.copy()
            for name, who in zip(self.system.events, first, strict=True):
                self.still = self.still | (who & (name in self.system.ends))
                assigned = assign(self.system, name, self.t, list(self.y), list(self.p), past) if who.any() else {}
                for pool, value in assigned.items():
                    y[pool] = np.where(who, value, y[pool])
            self.y, self.here = y, self.look(self.t, self.t, y)
        raise RuntimeError(f"events follow from one another without end at {self.t[risen.any(axis=0)].min():g} min")


def _most(here: _Look, there: _Look) -> Array:
    """The largest value, there, of the events that are not above 0 here."""
    return np.max(np.where(here.crossings > 0, -np.inf, there.crossings), axis=0, initial=-np.inf)


class _Past:
    """What is heard, at the ends and thirds of each one's steps since 0."""

    def __init__(self, system: System, y: Array, p: Array) -> None:
        known = evaluate(system, 0.0, list(y), list(p), now)[1] | dict(zip(system.pools, y, strict=True))
        self.rest = {name: np.broadcast_to(known[name], p.shape[1:]) for name in system.heard}
        self.all, self.steps = np.arange(p.shape[1]), np.zeros(p.shape[1], dtype=int)
        self.edges = np.full((2, p.shape[1], 1), np.inf)  # begin and end of steps; there is room for some more
        self.values = {name: np.zeros((4, p.shape[1], 1)) for name in system.heard}  # at 0, 1/3, 2/3, 1 of them

    def keep(self, begin: Array, end: Array, seen: Sequence[_Look]) -> None:
        """The step of each whose step has a length."""
        if self.steps.max() == self.edges.shape[2]:
            self.edges = np.concatenate([self.edges, np.full_like(self.edges, np.inf)], axis=2)
            self.values = {name: np.concatenate([value, value], axis=2) for name, value in self.values.items()}
        who = np.flatnonzero(end > begin)
        place = self.steps[who]
        self.edges[:, who, place] = begin[who], end[who]
        for name, value in self.values.items():
            value[:, who, place] = _full([look.signals[name] for look in seen], begin[None])[:, who]
        self.steps[who] += 1

    def at(self, t: Array, begin: Array) -> Ago:
        """How the past is asked at times t of steps that began at `begin` and are not kept yet."""

        def ago(name: str, value: Array, delay: Array) -> Array:
            then, values = np.broadcast_to(t - delay, t.shape), self.values[name]
            last = np.where(self.steps > 0, values[3, self.all, self.steps - 1], self.rest[name])
            share = np.where(t > begin, (then - begin) / (t - begin), 1.0)
            found = np.where(then > begin, last + share * (value - last), last)  # within this step, a line
            old = (then >= 0) & (then < begin)
            if old.any():
                after = [begins.searchsorted(x, "right") for begins, x in zip(self.edges[0], then, strict=True)]
                place = np.minimum(np.maximum(np.array(after) - 1, 0), self.edges.shape[2] - 1)
                low, high = self.edges[:, self.all, place]
                found = np.where(old, _cubic(values[:, self.all, place], (then - low) / (high - low)), found)
            return np.where(delay > 0, np.where(then < 0, self.rest[name], found), value)

        return ago


def _cubic(values: Array, u: Array) -> Array:
    """The cubic through values at 0, 1/3, 2/3 and 1."""
    (a, b, c, e), v = values, 3 * u
    outer = e * v * (v - 1) * (v - 2) - a * (v - 1) * (v - 2) * (v - 3)
    return outer / 6 + (b * (v - 3) * (v - 2) - c * (v - 1) * (v - 3)) * v / 2
