"""A small system for tests of the engine: one drug turns into another, and both are bound.  No real numbers."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np

from eupnea.core import curve
from eupnea.core.check import check
from eupnea.core.compose import System, compose
from eupnea.core.curve import Curve
from eupnea.core.elementary import WIDTH
from eupnea.core.library import Library, load
from eupnea.core.machine import outside
from eupnea.core.native import Native
from eupnea.core.process import Process, process
from eupnea.core.schedule import Given, Rule
from eupnea.core.solve import TOLERANCE, Solver, solve

ROW = '{{ value = {0}, unit = "{1}", source = "some2001", where = "p. 1", grade = "measured" }}'


def _kinetics(t, s, d, p):
    out, back, made = p.k12 * s.central, p.k21 * s.tissue, p.k * s.central
    d.central += back - out - made
    d.tissue += out - back
    d.into.central += made
    return dict(conc=s.central / p.v, making=made)


def _loss(t, s, d, p):
    lost = p.ke * s.central
    d.central -= lost
    d.gone += lost
    return dict(level=s.central / p.v)


def _binding(t, s, d, p):
    free = 1 - sum(x.bound for x in s.drugs)
    for x, dx, q in zip(s.drugs, d.drugs, p.drugs, strict=True):
        dx.bound += q.koff * (x.level / q.k * free - x.bound)
    total = sum(x.bound for x in s.drugs)
    return dict(effect=np.minimum(total, p.cap)) | {x.name: x.bound for x in s.drugs}


def _module(name: str, **words: object) -> ModuleType:
    return SimpleNamespace(__name__=name, __doc__=f"{name}.  [some2001, eq. 1]", **words)  # type: ignore[return-value]


def processes() -> list[Process]:
    loss = _module(
        "loss", each="drug", routes=dict(iv="central"), pools=dict(central="nmol", gone="nmol"),
        needs=dict(ke="1/min", v="L"), gives=dict(level="nmol/L"), title=dict(level=""), flow=_loss,
    )  # fmt: skip
    kinetics = _module(
        "kinetics", each="drug", pools=dict(tissue="nmol"), needs=dict(k12="1/min", k21="1/min", k="1/min", v="L"),
        gives=dict(conc="nmol/L", making="nmol/min"), title=dict(conc="", making=""), flow=_kinetics,
    )  # fmt: skip
    binding = _module(
        "binding", needs=dict(cap="1"), drugs=dict(k="nmol/L", koff="1/min"), drug_pools=dict(bound="1"),
        gives=dict(effect="1", each_drug="1"), title=dict(effect="", each_drug=""), flow=_binding,
    )  # fmt: skip
    return [process(loss), process(kinetics), process(binding)]


def drug(name: str, into: str | None, molar_mass: float = 300.0) -> str:
    rows = [
        f'name = "{name}"', f'title = "{name}"', 'family = "first"', 'form = "base"',
        "[identity]", "molar_mass = " + ROW.format(molar_mass, "g/mol"),
        "[forms]", "base = " + ROW.format(1.0, "1"),
        "[loss]", "ke = " + ROW.format(0.02, "1/min"), "v = " + ROW.format(10.0, "L"),
        "[binding]", "k = " + ROW.format(30.0, "nmol/L"), "koff = " + ROW.format(1.0, "1/min"),
    ]  # fmt: skip
    if into:
        rows += ["[kinetics]", f'into = "{into}"']
        rows += [f"{key} = " + ROW.format(value, "1/min") for key, value in (("k12", 0.3), ("k21", 0.1), ("k", 0.2))]
        rows += ["v = " + ROW.format(10.0, "L")]
    return "\n".join(rows) + "\n"


def write(folder: Path, **drugs: str) -> Path:
    """A data folder with these drug files (text), and what goes with them."""
    for name in ("drugs", "body", "people"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "sources.bib").write_text("@article{some2001,\n title = {A paper},\n}\n")
    (folder / "body" / "binding.toml").write_text("cap = " + ROW.format(0.8, "1") + "\n")
    for name, text in ({"first": drug("first", "second"), "second": drug("second", None)} | drugs).items():
        (folder / "drugs" / f"{name}.toml").write_text(text)
    return folder


def library(folder: Path) -> Library:
    loaded = load(write(folder))
    check([processes()], loaded)
    return loaded


def system(folder: Path) -> System:
    return compose(processes(), library(folder), ["first"])


# --- one person's run, and one evaluation ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Alone:
    """One person's run."""

    curves: Mapping[str, Curve]
    final: np.ndarray
    steps: int
    loss: Mapping[str, float]
    failure: str | None


def alone(
    solver: Solver, p: Sequence[float] | np.ndarray, given: Sequence[Given], end: float, signals: Sequence[str] = (),
    tolerance: float = TOLERANCE, begin: np.ndarray | None = None, rules: Sequence[Rule] = (),
) -> Alone:  # fmt: skip
    """`solve` for one person."""
    at_0 = None if begin is None else begin[None]
    run = solve(solver, np.array(p, dtype=float)[None], [given], end, signals, tolerance, at_0, rules)
    curves = {name: Curve(run.first, run.start, run.stop, run.value[name], run.units[name]) for name in signals}
    losses = {family: float(loss[0]) for family, loss in run.loss.items()}
    return Alone(curves, run.final[0], int(run.first[-1]), losses, run.failures.get(0))


def at(one: Curve, times: Sequence[float] | np.ndarray) -> np.ndarray:
    """(times,) values of one person's curve."""
    return curve.at(one, times)[0]


def called(native: Native, name: str, y: np.ndarray, p: np.ndarray, count: int) -> np.ndarray:
    """The first `count` numbers that a compiled function writes for one person at time 0, the same in every lane.

    What is lagged is what it is now.
    """
    pointer = ctypes.POINTER(ctypes.c_double)
    kind = ctypes.CFUNCTYPE(None, pointer, pointer, pointer, ctypes.c_void_p, pointer)
    lanes = [np.repeat(np.asarray(x, dtype=float), WIDTH) for x in ([0.0], y, p)]
    room = len(native.entries) + len(y) + count  # enough for any of them
    out = np.empty(room * WIDTH)
    words, _keep = outside() if native.sites else (np.zeros(1), None)
    table = words.ctypes.data
    kind(getattr(native, name))(*(x.ctypes.data_as(pointer) for x in lanes), table, out.ctypes.data_as(pointer))
    rows = out.reshape(room, WIDTH)[:count]
    assert (rows == rows[:, :1]).all()
    return rows[:, 0].copy()


def jacobian(native: Native, y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """(pools, pools) from the compiled entries."""
    exact = np.zeros((len(y), len(y)))
    exact[tuple(native.entries.T)] = called(native, "node", y, p, len(y) + len(native.entries))[len(y) :]
    return exact
