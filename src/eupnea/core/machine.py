"""The compiled stepper: `core/stepper.py` through Numba the first time; then from the cache, without Numba."""

from __future__ import annotations

import ctypes
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .objects import key_of, load
from .sparse import Elimination

DONE, TOO_MANY_STEPS, STEP_TOO_SMALL, FULL = 0, 1, 2, 3  # as in core/stepper.py
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Machine:
    """The function, called as Numba does (place of the result, of an exception, arguments), and its owner."""

    call: Any
    _keep: Any


@functools.cache
def machine() -> Machine:
    """Compiles for some seconds the first time."""
    engine, beside = load(key_of([_HERE / "stepper.py", _HERE / "rosenbrock.py"], _numba_version()), _build)
    whole, real, pointer = ctypes.c_int64, ctypes.c_double, ctypes.c_void_p
    kind = ctypes.CFUNCTYPE(
        ctypes.c_int32, pointer, pointer, *[whole] * 15, *[pointer] * 11, real, real, *[pointer] * 18
    )
    return Machine(kind(engine.get_function_address(beside["name"])), engine)


def _numba_version() -> str:
    from importlib.metadata import version  # not numba itself, whose import takes longer than a run

    return version("numba")


def _build() -> tuple[str, tuple[str], dict[str, Any]]:
    from .stepper import source

    text, name = source()
    return text, (name,), {"name": name}


@dataclass(frozen=True)
class Steps:
    """What a run left: see `core.stepper.run`."""

    status: int
    reached: float
    edges: np.ndarray  # (steps, 2)
    value: np.ndarray  # (steps, chosen, 4)
    loss: np.ndarray
    lowest: np.ndarray
    final: np.ndarray


def run(
    code: tuple[int, int, int],
    signals: int,
    walk: Elimination,
    p: np.ndarray,
    y: np.ndarray,
    plan: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    end: float,
    tolerance: float,
    floor: np.ndarray,
    chosen: np.ndarray,
    family: np.ndarray,
    most: int,
) -> Steps:
    """One person, in memory that is big enough: it begins with room for some steps and doubles it when that is full."""
    n, room = y.size, 512
    when, pool, amount, rate = plan
    while True:
        final = y.copy()
        edges, value = np.empty((room, 2)), np.empty((room, chosen.size, 4))
        status = np.zeros(1, dtype=np.int64)
        loss, lowest, ended = np.zeros(len(family)), np.zeros(n), np.zeros(2)
        sizes = (4 * n, n, n, n, n, n, len(family), len(walk.places), walk.size, signals + 1)
        memory = [np.zeros(size) for size in sizes]
        memory[6][:] = family @ y  # what is there at 0 counts as given
        integers = (walk.places, walk.diagonal, walk.factor, walk.forward, walk.backward)
        arrays = (*integers, p, final, when, pool, amount, rate)
        machine().call(
            status.ctypes.data, 0, *code, n, signals, len(walk.places), walk.size,
            len(walk.factor), len(walk.forward), len(walk.backward),
            when.size, chosen.size, len(family), room, most,
            *(array.ctypes.data for array in arrays), end, tolerance,
            *(array.ctypes.data for array in (floor, chosen, family, edges, value, loss, lowest, ended, *memory)),
        )  # fmt: skip
        if status[0] != FULL:
            steps = int(ended[1])
            return Steps(int(status[0]), float(ended[0]), edges[:steps], value[:steps], loss, lowest, final)
        room *= 4
