"""What is run when the engine is measured: a model, people, what they are given.

People differ as widely as virtual patients of the published model do; `SPREAD` serves here alone and is no data.
`heroin` is an ORDER of its own: the default model's processes up to what a person feels, without breathing, so that its
times go on meaning what they meant before breathing was part of that model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import numpy as np

from eupnea import people as crowd
from eupnea.core import stream
from eupnea.core.compose import compose
from eupnea.core.library import Library
from eupnea.core.memory import Memory
from eupnea.core.process import process
from eupnea.core.quantity import factor
from eupnea.core.reach import reached
from eupnea.core.schedule import Act, Given, Rule, Watch, dose
from eupnea.core.solve import TOLERANCE, Courses, Solver, prepare, rest, solve
from eupnea.person import ORDER, library, processes, system
from eupnea.scenario import Scenario

Array = np.ndarray
DAY = 1440.0  # min
MODELS = ("mann2022", "heroin", "chain 100", "chain 200")
WATCHED = ("minute_ventilation", "pao2", "cardiac_output", "brain_po2", "time_of_arrest")
HEROIN: Final = (*ORDER[: ORDER.index("tolerance") + 1], "reward", "analgesia", "pupil")
SPREAD: Final = {  # standard deviation of the logarithm, each alone
    "fentanyl.compartments": dict(v1=0.65, k10=0.7, k12=0.9, k21=0.9, k13=0.7, k31=0.35),
    "fentanyl.binding.mop": dict(kon=0.2, koff=0.08, n=0.02),
    "naloxone.binding.mop": dict(kon=0.4, koff=0.25, n=0.02),
    "naloxone.transit.im_generic": dict(f=0.3, ktr=1.0, kin=1.4),
    "naloxone.washout.im_generic": dict(cl=0.43, v1=0.53, q=0.63, v2=0.6),
}
SHARE, MOST = "naloxone.transit.im_generic.f", 0.9  # a share that reaches the blood stays below 1


@dataclass(frozen=True)
class Work:
    """People with parameters p (people, parameters), what each is given, and until when [min]."""

    solver: Solver
    p: Array
    given: Sequence[Given]
    end: float
    signals: tuple[str, ...]
    rules: tuple[Rule, ...] = ()

    def only(self, who: Array) -> Work:
        """The same for some of the people."""
        return replace(self, p=self.p[who], rules=tuple(rule.only(who, len(self.p)) for rule in self.rules))

    def run(self, tolerance: float = TOLERANCE, memory: Memory | None = None) -> Courses:
        given = [self.given] * len(self.p)
        return solve(self.solver, self.p, given, self.end, self.signals, tolerance, rules=self.rules, memory=memory)


def prepared(name: str) -> Solver:
    """One of MODELS, compiled."""
    if name == "mann2022":
        full = system("mann2022", ["fentanyl", "naloxone"])
        return prepare(reached(full, {full.doses["fentanyl", "iv", ""], full.doses["naloxone", "im", "im_generic"]}))
    if name == "heroin":
        chain = [process for process in processes() if process.name in HEROIN]
        full = compose(chain, library(), ["heroin"])
        return prepare(reached(full, {full.doses["heroin", "iv", ""]}))
    nothing = Library({}, {}, {}, (), {}, Path())
    return prepare(compose([process(_chain(int(name.split()[1])))], nothing, ()))


def _chain(count: int) -> Any:
    """Pools in a row that saturate, with rates from 0.01 to 10 /min, and a way back from each to the one before."""
    names = [f"pool{i}" for i in range(count)]

    def flow(t: Any, s: Any, d: Any, p: Any) -> dict[str, Any]:
        sinks = [getattr(d, name) for name in names]
        for i in range(count - 1):
            here, there = getattr(s, names[i]), getattr(s, names[i + 1])
            net = 10 ** (3 * i / count - 2) * (here / (1 + here / 100) - 0.1 * there)
            sinks[i] -= net
            sinks[i + 1] += net
        return dict(last=there)

    words = dict(pools=dict.fromkeys(names, "nmol"), gives=dict(last="nmol"), title=dict(last=""), flow=flow)
    return SimpleNamespace(__name__="chain", __doc__="A row of pools.", **words)


def work(name: str, count: int = 1, naloxone: bool = False) -> Work:
    """The job that is done with a model, for so many people."""
    solver = prepared(name)
    doses = solver.system.doses
    if name == "mann2022":
        p = varied(solver, people("mann2022", solver, count, "fentanyl", opioid_use="chronic"))
        given = dose(doses["fentanyl", "iv", ""], 0.0, nmol("fentanyl", 1.625))
        done = Work(solver, p, given, 90.0, WATCHED)
        return replace(done, rules=(bystander(solver, p),)) if naloxone else done
    if name == "heroin":
        p = people("eupnea", solver, count, "heroin")
        given = dose(doses["heroin", "iv", ""], 0.0, nmol("heroin", 5.0, "eupnea"), 0.5)
        return Work(solver, p, given, 360.0, ("mam.arterial", "morphine.arterial"))
    return Work(solver, np.zeros((count, 0)), [Given(0.0, 0, amount=1000.0)], DAY, ("last",))


def people(model: str, solver: Solver, count: int, drug: str, **words: str) -> Array:
    """(people, parameters) as a scenario would have them."""
    first = dict(time="0 min", drug=drug, amount="1 mg", route="iv")
    asked = dict(title="-", model=model, duration="1 h", people=dict(count=count, seed=1, **words), dose=[first])
    who = crowd.cast(Scenario.from_dict(asked).people, library(model))
    return np.ascontiguousarray(crowd.numbers(solver.system, library(model), who, {}).T)


def varied(solver: Solver, p: Array) -> Array:
    """The same with differences between people by SPREAD; the first is the typical one."""
    p = p.copy()
    for table, rows in SPREAD.items():
        for row, sd in rows.items():
            z = stream.normal(1, f"{table}.{row}", np.arange(len(p)))
            p[1:, solver.system.parameter(f"{table}.{row}")] *= np.exp(sd * z[1:])
    p[:, solver.system.parameter(SHARE)] = np.minimum(p[:, solver.system.parameter(SHARE)], MOST)
    return p


def bystander(solver: Solver, p: Array) -> Rule:
    """Naloxone, 2 mg into a muscle, a minute after breathing fell below 40 % of what it is at rest."""
    _, resting, _ = rest(solver, p, ["minute_ventilation"])
    act = Act(solver.system.doses["naloxone", "im", "im_generic"], np.full(len(p), nmol("naloxone", 2.0)))
    return Rule(
        "naloxone", Watch("minute_ventilation", -1, 0.4 * resting["minute_ventilation"]), np.ones(len(p)), (act,)
    )


def nmol(drug: str, mg: float, model: str = "mann2022") -> float:
    return mg * factor("mg", "nmol", library(model).drugs[drug].molar_mass)
