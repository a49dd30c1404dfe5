"""One process written in a test, composed without any file: the smallest system that the engine runs."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from eupnea.core.compose import System, compose
from eupnea.core.curve import Curve
from eupnea.core.library import Library
from eupnea.core.process import process
from eupnea.core.schedule import Given, Rule, Watch
from eupnea.core.solve import Courses, Solver, prepare, solve

EMPTY = Library({}, {}, {}, (), {}, None)
Array = np.ndarray


def system(**words: Any) -> System:
    """The process `some` with these words; its pools are plain numbers."""
    words.setdefault("title", dict.fromkeys(words.get("gives", {}), ""))
    base = dict(__name__="body.some", __doc__="Some.")
    return compose([process(SimpleNamespace(**{**base, **words}))], EMPTY, [])


def numbers(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "1")


def people(
    solver: Solver | System, begin: Sequence[Sequence[float]] | Array, given: Sequence[Given] = (), end: float = 10.0,
    signals: Sequence[str] = (), rules: Sequence[Rule] = (), tolerance: float = 1e-6,
) -> Courses:  # fmt: skip
    """Many runs from these pools (people, pools), all given the same."""
    ready = prepare(solver) if isinstance(solver, System) else solver
    begin = np.asarray(begin, dtype=float)
    p = np.zeros((len(begin), 0))
    return solve(ready, p, [given] * len(begin), end, signals, tolerance, begin, rules)


def curve_of(run: Courses, name: str) -> Curve:
    return Curve(run.first, run.start, run.stop, run.value[name], run.units[name])


def over(signal: str, level: float, **more: Any) -> Watch:
    return Watch(signal, 1, np.array([float(level)]), **more)


def under(signal: str, level: float, **more: Any) -> Watch:
    return Watch(signal, -1, np.array([float(level)]), **more)
