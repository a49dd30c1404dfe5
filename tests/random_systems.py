"""Small random structures, written as process modules and data files into a folder: what the engine has to stand.

One to three drugs (linear, saturable, Hill, capped or bent elimination; a depot; tissue; one may turn into the next), a
receptor on which they compete (a sum over drugs), and a body that hears its effect some time later, with events that
assign, flags and timers.  1 to 12 pools or a few more; all numbers are made up.
"""

from __future__ import annotations

import importlib.util
import random
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import numpy as np

from chain import ROW
from eupnea.core.check import check
from eupnea.core.compose import System, compose
from eupnea.core.library import load
from eupnea.core.process import process
from eupnea.core.reach import reached
from eupnea.core.schedule import Act, Given, Rule, Watch, dose

Array = np.ndarray

# How a drug leaves a pool: rows that it needs with a likely value, and the flow.
OUT = {
    "linear": ({"ke": ("1/min", 0.05)}, "p.ke * s.central"),
    "saturable": ({"most": ("nmol/min", 12.0), "km": ("nmol/L", 8.0)}, "p.most * s.central / (p.km * p.v + s.central)"),
    "hill": (
        {"most": ("nmol/min", 9.0), "km": ("nmol/L", 6.0), "h": ("1", 1.7)},
        "p.most * np.maximum(s.central, 0) ** p.h / ((p.km * p.v) ** p.h + np.maximum(s.central, 0) ** p.h)",
    ),
    "capped": ({"ke": ("1/min", 0.09), "most": ("nmol/min", 5.0)}, "np.minimum(p.ke * s.central, p.most)"),
    "bent": (
        {"ke": ("1/min", 0.06), "km": ("nmol/L", 5.0)},
        "p.ke * s.central * np.where(s.central > p.km * p.v, 1, np.maximum(s.central, 0) / (p.km * p.v))",
    ),
    "exp": (
        {"ke": ("1/min", 0.1), "km": ("nmol/L", 20.0)},
        "p.ke * s.central * np.exp(-s.central / (p.km * p.v + s.central))",
    ),
}
# What the body makes of the effect that it hears.
DRIVE = {
    "held": ({"half": ("1", 0.3)}, "1 / (1 + heard / p.half)"),
    "hill": ({"half": ("1", 0.35), "h": ("1", 2.3)}, "1 / (1 + (np.maximum(heard, 0) / p.half) ** p.h)"),
    "linear": ({"gain": ("1", 0.9)}, "np.maximum(1 - p.gain * heard, 0)"),
    "capped": ({"gain": ("1", 1.4), "cap": ("1", 0.8)}, "np.maximum(1 - np.minimum(p.gain * heard, p.cap), 0)"),
    "stepped": (
        {"half": ("1", 0.2), "gain": ("1", 0.5)},
        "np.where(heard > p.half, np.maximum(1 - p.gain * (heard - p.half), 0), 1)",
    ),
}


@dataclass
class Module:
    """One process on its way to a file: its words, the lines of its functions, and the rows that it needs."""

    words: dict[str, object] = field(default_factory=dict)
    pools: dict[str, str] = field(default_factory=dict)
    needs: dict[str, tuple[str, float]] = field(default_factory=dict)
    gives: dict[str, str] = field(default_factory=dict)
    flow: list[str] = field(default_factory=list)
    returns: list[str] = field(default_factory=list)
    more: list[str] = field(default_factory=list)  # other functions

    def text(self, name: str) -> str:
        words = {**self.words, "pools": self.pools, "gives": self.gives, "title": dict.fromkeys(self.gives, "")}
        words["needs"] = {row: unit for row, (unit, _) in self.needs.items()}
        lines = [f'"""{name}.  [some2001, eq. 1]"""', "import numpy as np", ""]
        lines += [f"{word} = {value!r}" for word, value in words.items() if value]
        lines += ["", "", "def flow(t, s, d, p):", *(f"    {line}" for line in self.flow)]
        lines += [f"    return {' | '.join(self.returns) or 'dict()'}", *self.more, ""]
        return "\n".join(lines)


def fate(rng: random.Random) -> Module:
    """How a drug comes in and leaves."""
    rows, flow = OUT[rng.choice([*OUT])]
    made = Module(
        {"each": "drug"}, {"central": "nmol", "gone": "nmol"}, {"v": ("L", 12.0), **rows}, {"level": "nmol/L"}
    )
    made.flow = [f"lost = {flow}", "d.central -= lost", "d.gone += lost"]
    made.returns = ["dict(level=s.central / p.v)"]
    made.words["routes"] = dict(iv="central")
    if rng.random() < 0.4:
        made.words["routes"] = dict(iv="central", im="depot")
        made.pools["depot"] = "nmol"
        made.needs["ka"] = ("1/min", 0.15)
        made.flow += ["taken = p.ka * s.depot", "d.depot -= taken", "d.central += taken"]
    if rng.random() < 0.4:
        made.pools["tissue"] = "nmol"
        made.needs |= {"k12": ("1/min", 0.2), "k21": ("1/min", 0.1)}
        made.flow += ["out, back = p.k12 * s.central, p.k21 * s.tissue"]
        made.flow += ["d.central += back - out", "d.tissue += out - back"]
    return made


def conversion(rng: random.Random) -> Module:
    made = Module({"each": "drug"}, {}, {"k": ("1/min", 0.12)}, {"making": "nmol/min"})
    made.flow = ["made = p.k * s.central", "d.central -= made", "d.into.central += made"]
    if rng.random() < 0.5:
        made.needs["top"] = ("nmol/min", 6.0)
        made.flow[0] = "made = np.minimum(p.k * s.central, p.top)"
    made.returns = ["dict(making=made)"]
    return made


def receptor(rng: random.Random) -> Module:
    """Bound or in equilibrium: all drugs compete."""
    made = Module({"drugs": {"kd": "nmol/L"}}, {}, {}, {"effect": "1"})
    if rng.random() < 0.5:
        made.flow = ["load = sum(x.level / q.kd for x, q in zip(s.drugs, p.drugs))", "effect = load / (1 + load)"]
    else:
        made.words["drugs"] = {"kd": "nmol/L", "koff": "1/min"}
        made.words["drug_pools"] = {"bound": "1"}
        made.flow = ["free = 1 - sum(x.bound for x in s.drugs)"]
        made.flow += ["for x, dx, q in zip(s.drugs, d.drugs, p.drugs):"]
        made.flow += ["    dx.bound += q.koff * (x.level / q.kd * free - x.bound)"]
        made.flow += ["effect = sum(x.bound for x in s.drugs)"]
    made.returns = ["dict(effect=effect)"]
    return made


def body(rng: random.Random) -> Module:
    """A quantity held at its rest, which the effect lowers some time later; others follow; events assign."""
    rows, drive = DRIVE[rng.choice([*DRIVE])]
    made = Module(
        {"hears": {"effect": "1"}}, {"a": "1"}, {**rows, "top": ("1", 1.0), "kin": ("1/min", 0.4)}, {"answer": "1"}
    )
    delay = rng.choice(["0", "p.delay", "p.delay", "p.delay / (p.least + s.a)", "p.delay + p.least * heard_now"])
    if "p.delay" in delay:
        made.needs["delay"] = ("min", 1.5)
    if "p.least" in delay:
        made.needs["least"] = ("1", 0.3)
    made.flow = ["heard_now = s.effect", f"heard = s.ago('effect', {delay})", f"drive = {drive}"]
    made.flow += ["d.a += p.kin * (p.top * drive - s.a)"]
    made.more = ["", "", "def start(p):", "    return dict(a=p.top)"]
    if rng.random() < 0.5:
        made.pools["b"] = "1"
        made.needs |= {"kb": ("1/min", 0.3), "later": ("min", 2.5)}
        made.words["hears"] = {"effect": "1", "a": "1"}
        made.flow += [rng.choice(["d.b += p.kb * (s.a - s.b)", "d.b += p.kb * (s.ago('a', p.later) - s.b)"])]
        made.more = ["", "", "def start(p):", "    return dict(a=p.top, b=p.top)"]
        if "later" not in made.flow[-1]:
            made.words["hears"], _ = {"effect": "1"}, made.needs.pop("later")
    if rng.random() < 0.7:
        _events(made, rng)
    made.returns = ["dict(answer=s.a)"]
    return made


def _events(made: Module, rng: random.Random) -> None:
    made.pools |= {"count": "1"}
    made.needs |= {"limit": ("1", 0.75)}
    crosses, body = {"low": "p.limit * p.top - s.a"}, {"low": ["d.count = s.count + 1"]}
    if rng.random() < 0.5:
        made.needs["jump"] = ("1", 0.5)
        body["low"].append("d.a = s.a + p.jump * (p.top - s.a)")
    if rng.random() < 0.6:
        made.pools |= {"since": "1", "flag": "1"}
        made.needs |= {"wait": ("min", 4.0), "less": ("1", 0.6)}
        crosses["late"] = "np.where(s.flag > 0, t - s.since - p.wait, -1)"
        body["low"] += ["d.since = np.where(s.flag > 0, s.since, t)", "d.flag = 1"]
        body["late"] = ["d.flag = 0"]
        made.flow[3] = "d.a += p.kin * np.where(s.flag > 0, p.less, 1) * (p.top * drive - s.a)"
    listed = ", ".join(f"{name}={value}" for name, value in crosses.items())
    made.more += ["", "", "def crosses(t, s, p):", f"    return dict({listed})"]
    for name, lines in body.items():
        made.more += ["", "", f"def {name}(t, s, d, p):", *(f"    {line}" for line in lines)]


# --- to files, and from them ------------------------------------------------------------------------------------------


def module(path: Path) -> ModuleType:
    """A process module from a file anywhere."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def structure(seed: int, folder: Path) -> System:
    """The structure of this number: its files below `folder`, and what they compose to."""
    rng = random.Random(seed)
    drugs = [f"d{k}" for k in range(rng.choice([1, 1, 2, 2, 3]))]
    parts = {"fate": fate(rng)}
    into = {a: b for a, b in pairwise(drugs) if rng.random() < 0.6}
    if into:
        parts["conversion"] = conversion(rng)
    if rng.random() < 0.85:
        parts["receptor"] = receptor(rng)
        if rng.random() < 0.85:
            parts["body"] = body(rng)
    return compiled_from(folder, parts, drugs, into)


def compiled_from(folder: Path, parts: dict[str, Module], drugs: list[str], into: dict[str, str]) -> System:
    """Write these modules and what goes with them, read them back, compose."""
    for name in ("drugs", "body", "people", "processes"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "sources.bib").write_text("@article{some2001,\n title = {A paper},\n}\n")
    for name, part in parts.items():
        (folder / "processes" / f"{name}.py").write_text(part.text(name))
        if "each" not in part.words and part.needs:
            lines = [f"{row} = " + ROW.format(value, unit) for row, (unit, value) in part.needs.items()]
            (folder / "body" / f"{name}.toml").write_text("\n".join(lines) + "\n")
    kinds = {"kd": ("nmol/L", 6.0), "koff": ("1/min", 0.8)}
    for k, drug in enumerate(drugs):
        lines = [f'name = "{drug}"', f'title = "{drug}"', 'family = "one"', 'form = "base"', "[identity]"]
        lines += ["molar_mass = " + ROW.format(300.0, "g/mol"), "[forms]", "base = " + ROW.format(1.0, "1")]
        for name, part in parts.items():
            rows = part.needs if "each" in part.words else {r: kinds[r] for r in part.words.get("drugs", {})}
            if not rows or (name == "conversion" and drug not in into):
                continue
            lines += [f"[{name}]"] + ([f'into = "{into[drug]}"'] if name == "conversion" else [])
            lines += [
                f"{row} = " + ROW.format(round(value * (1 + 0.3 * k), 4), unit) for row, (unit, value) in rows.items()
            ]
        (folder / "drugs" / f"{drug}.toml").write_text("\n".join(lines) + "\n")
    order = [process(module(folder / "processes" / f"{name}.py")) for name in parts]
    library = load(folder)
    check([order], library)
    whole = compose(order, library, drugs)
    return reached(whole, whole.doses.values())


# --- scenarios --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scenarios:
    """Many people of one structure, each with numbers and doses of their own."""

    p: Array
    given: list[list[Given]]
    rules: list[Rule]
    end: float


def scenarios(
    system: System, rng: np.random.Generator, people: int, end: float = 60.0, rules: bool = True
) -> Scenarios:
    wide = rng.choice([0.1, 0.5, 1.0])
    p = np.array(system.typical) * np.exp(wide * rng.standard_normal((people, len(system.typical))))
    for k, name in enumerate(system.parameters):
        if name.endswith(("delay", "later")):
            p[rng.random(people) < 0.15, k] = 0.0  # no delay
        if name.endswith((".limit", ".jump", ".cap")):
            p[:, k] = np.clip(p[:, k], 0.2, 0.95)
        if name.endswith(".h"):
            p[:, k] = np.clip(p[:, k], 1.0, 5.0)
    ways = sorted(set(system.doses.values()))
    given: list[list[Given]] = []
    for _ in range(people):
        plan: list[Given] = []
        for k in range(rng.integers(0, 4)):
            over = rng.choice([0.0, 0.0, 2.0, 20.0])
            amount, time = 10 ** rng.uniform(0.5, 3.5), rng.choice([0.0, 5.0, float(rng.uniform(0, end))])
            plan += dose(int(rng.choice(ways)), time, amount, over, f"dose{k}")
        given.append(plan)
    found = [_rule(system, rng, k, people, ways) for k in range(rng.integers(0, 4))] if rules else []
    return Scenarios(p, given, found, end)


def _watch(system: System, rng: np.random.Generator, people: int) -> Watch:
    signal = str(rng.choice([*system.signals]))
    top = {"nmol/L": 30.0, "nmol/min": 4.0}.get(system.signals[signal], 1.0)
    return Watch(signal, int(rng.choice([-1, 1])), top * rng.uniform(0, 1, people), equal=bool(rng.random() < 0.3))


def _rule(system: System, rng: np.random.Generator, number: int, people: int, ways: list[int]) -> Rule:
    pool, size = int(rng.choice(ways)), 10 ** rng.uniform(0, 2.5, people)
    act = Act(pool, size) if rng.random() < 0.6 else Act(len(system.pools) + pool, size / 5.0, 5.0)
    limit = int(rng.choice([1, 1, 2, 4]))
    return Rule(
        name=f"rule{number}",
        when=_watch(system, rng, people),
        wait=rng.choice([0.0, 1.0, 3.0]) * rng.uniform(0, 1, people),
        acts=(act,),
        repeat=float(rng.uniform(1, 6)) if limit > 1 else 0.0,
        limit=limit,
        recheck=bool(rng.random() < 0.3),
        reset=_watch(system, rng, people) if rng.random() < 0.3 else None,
        stops=("dose0", "rule0") if rng.random() < 0.2 else (),
    )
