"""What must hold of a run on a random structure: sound on its own, and of one mind with the witness."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from eupnea.core import curve
from eupnea.core.compose import System
from eupnea.core.curve import Curve
from eupnea.core.schedule import Act, Given, Rule, Watch, dose
from eupnea.core.solve import TOLERANCE, Courses, prepare, solve
from eupnea.core.witness import course
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


MOST_HALVINGS = 8  # the fastest rate of a pool among 3,000 random people is 4,100 a minute


def duel(system: System, rng: np.random.Generator, people: int = 6, end: float = 12.0, step: float = 0.12) -> Duel:
    """How often did each event happen, did a rule on each signal act: asked of the solver and of the witness.

    The witness answers at a step and at its half.  Who has not the same verdicts at both, or others than the solver, is
    asked again at the half and the quarter, and so on: what `MOST_HALVINGS` do not settle, it could not tell.
    """
    asked = _questions(system, rng, people, end)
    run, ours = asked.solved(end)
    said = asked.nothing()
    for halving in range(MOST_HALVINGS + 1):
        open_ = ~said.settled | (said.verdict != ours) & ~said.near
        who = np.array([i for i in range(people) if open_[:, i].any() and i not in run.failures], dtype=int)
        if who.size:
            said.put(who, asked.only(who).ask(step / 2**halving))
    sound = np.array([i not in run.failures for i in range(people)])
    same, settled = said.verdict == ours, said.settled & sound
    kinds = {
        "verdicts": np.broadcast_to(sound, same.shape),
        "agree": settled & same,
        "differ, by less than twice the tolerance": settled & ~same & said.near,
        "the witness could not tell": sound & ~said.settled,
        "differ": settled & ~same & ~said.near,
    }
    found = Duel(
        {"people": people, "failures": len(run.failures)} | {k: int(v.sum()) for k, v in kinds.items()}, [], []
    )
    found.wrong = [f"person {i}: {text}" for i, text in run.failures.items()]
    for row, i in np.argwhere(kinds["differ"]):
        text = f"{asked.names[row]}: {ours[row, i]:g}, the witness says {said.verdict[row, i]:g}"
        found.wrong.append(f"person {i}: {text}")
    mine = curve.sample([_curve(run, name) for name in system.signals], asked.times)
    error = np.abs(mine - said.seen).max(axis=2) / asked.scale
    found.errors = error[:, kinds["agree"].all(axis=0)].ravel().tolist()
    return found


def _questions(system: System, rng: np.random.Generator, people: int, end: float) -> Asked:
    """Random people, with levels up to a tenth above what each signal comes to."""
    p = scenarios(system, rng, people, end, rules=False).p
    shared = _shared_doses(system, rng, people, end)
    times = np.sort(np.append(rng.uniform(0.1, end, 30), end))
    signs = np.array([-1 if name == "answer" else 1 for name in system.signals])
    nothing = np.zeros((len(system.signals), people))
    asked = Asked(system, p, shared, times, signs, nothing, nothing)
    run, _ = asked.solved(end)
    tops = [curve.highest(_curve(run, name))[0] for name in system.signals]
    scale = np.maximum(np.nan_to_num(np.array(tops)), 1e-9)
    return replace(asked, level=rng.uniform(0, 1.1, scale.shape) * scale, scale=scale)


def _curve(run: Courses, name: str) -> Curve:
    return Curve(run.first, run.start, run.stop, run.value[name])


@dataclass
class Said:
    """What the witness says: a row for each verdict, a column for each of some people."""

    verdict: Array  # how often an event happened; 1 where a rule acted
    settled: Array  # whether half the step leaves it, and moves a signal by less than its margin or twice the tolerance
    near: Array  # whether its margin is less than twice the tolerance
    seen: Array  # (signals, people, times)

    def put(self, who: Array, other: Said) -> None:
        for mine, new in ((self.verdict, other.verdict), (self.settled, other.settled), (self.near, other.near)):
            mine[:, who] = new
        self.seen[:, who] = other.seen


@dataclass(frozen=True)
class Asked:
    """What the witness is asked: of each signal whether it ever passes a level, of each event how often it happens."""

    system: System
    p: Array  # (people, parameters)
    shared: list[Given]
    times: Array
    signs: Array  # (signals,) 1 whether it rises above the level, -1 whether it falls below
    level: Array  # (signals, people)
    scale: Array  # (signals, people) the largest value

    @property
    def counters(self) -> list[int]:
        return [k for k, name in enumerate(self.system.pools) if name == "body.count"]

    @property
    def names(self) -> list[str]:
        return [*(self.system.pools[k] for k in self.counters), *self.system.signals]

    def solved(self, end: float) -> tuple[Courses, Array]:
        """The solver's run, and its verdicts."""
        given = [[_of(g, i) for g in self.shared] for i in range(len(self.p))]
        run = solve(prepare(self.system), self.p, given, end, [*self.system.signals], rules=self._rules())
        return run, np.array([*(run.final[:, k] for k in self.counters), *(np.array(run.acts) > 0)])

    def _rules(self) -> list[Rule]:
        """A rule on each signal that gives nothing: it only counts."""
        people = len(self.p)
        acts, wait = (Act(0, np.zeros(people)),), np.zeros(people)
        rows = zip(self.system.signals, self.signs, self.level, strict=True)
        return [Rule(name, Watch(name, int(sign), level), wait, acts) for name, sign, level in rows]

    def nothing(self) -> Said:
        shape = (len(self.names), len(self.p))
        return Said(np.zeros(shape), np.zeros(shape, bool), np.zeros(shape, bool),
                    np.zeros((*self.level.shape, len(self.times))))  # fmt: skip

    def only(self, who: Array) -> Asked:
        shared = [replace(g, amount=_some(g.amount, who), rate=_some(g.rate, who)) for g in self.shared]
        return replace(self, p=self.p[who], shared=shared, level=self.level[:, who], scale=self.scale[:, who])

    def ask(self, step: float) -> Said:
        """Four at once of everybody: at the step, at its half, and that with all limits of events shifted both ways."""
        people, wide = len(self.p), 2 * TOLERANCE
        kinds = [self.p, self.p, self._shifted(wide), self._shifted(-wide)]
        doses = [replace(g, amount=_four(g.amount), rate=_four(g.rate)) for g in self.shared]
        steps = np.repeat([step, step / 2, step / 2, step / 2], people)
        found = course(self.system, np.concatenate(kinds).T, doses, self.times, steps)
        least, most = (np.reshape([*ends.values()], (-1, 4, people)) for ends in (found.least, found.most))
        sign = self.signs[:, None, None]
        margin = sign * (np.where(sign > 0, most, least) - self.level[:, None])
        count = found.pools[-1][self.counters].reshape(-1, 4, people)
        verdict = np.concatenate([count, np.where(np.isnan(margin), np.nan, margin > 0)])
        near, settled = (verdict[:, 2:] != verdict[:, 1:2]).any(axis=1), verdict[:, 0] == verdict[:, 1]
        rules, allowed = slice(len(count), None), wide * self.scale
        near[rules] |= (np.abs(margin[:, 1:]) <= allowed[:, None]).any(axis=1)
        moved = np.abs(margin[:, 0] - margin[:, 1])
        settled[rules] = moved <= np.maximum(np.abs(margin[:, :2]).min(axis=1), allowed)
        for ends in (least, most):  # what explodes to either side is of no use
            settled &= (np.abs(ends[:, 0] - ends[:, 1]) <= self.scale).all(axis=0)
        seen = np.array([found.signals[n][:, people : 2 * people].T for n in found.signals])
        return Said(verdict[:, 1], settled, near, seen)

    def _shifted(self, share: float) -> Array:
        p = self.p.copy()
        for k, name in enumerate(self.system.parameters):
            if name.endswith(".limit"):
                p[:, k] += share
        return p


def _some(number: float | Array, who: Array) -> float | Array:
    return number if np.ndim(number) == 0 else number[who]


def _four(number: float | Array) -> float | Array:
    return number if np.ndim(number) == 0 else np.tile(number, 4)


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
