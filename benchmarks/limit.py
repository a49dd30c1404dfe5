"""What a step is made of: `python benchmarks/limit.py [MODEL ...]` shows how near the engine is to its own limit.

An attempt of a step evaluates all equations with their Jacobian once, the equations three times and the signals three
times, factors one matrix and solves with it four times.  Each is timed alone, on the memory that a run left; `loop` is
what remains of the measured time: errors, records, steering, people who come and go, lanes that wait for the last.
Least of several, processor time, one thread, microseconds for WIDTH people side by side.
"""

from __future__ import annotations

import ctypes
import sys
import time
from typing import Any

from eupnea import bench
from eupnea.core import machine
from eupnea.core.dialect import WHOLE, WHOLES
from eupnea.core.elementary import WIDTH
from eupnea.core.memory import TABLE
from eupnea.core.objects import key_of, load
from eupnea.core.translate import translate

REPEATS = 3000


def node(m, count) -> int:  # type: ignore[no-untyped-def]
    for _ in range(count):
        call(m.node, m.time, m.state, shifted(m.state, 2 * m.pools * WIDTH), m, m.node_out)  # noqa: F821
    return 0


def rates(m, count) -> int:  # type: ignore[no-untyped-def]
    for _ in range(count):
        call(m.rates, m.time, m.state, shifted(m.state, 2 * m.pools * WIDTH), m, m.new_rates)  # noqa: F821
    return 0


def signals(m, count) -> int:  # type: ignore[no-untyped-def]
    for _ in range(count):
        call(m.signals, m.time, m.state, shifted(m.state, 2 * m.pools * WIDTH), m, m.seen)  # noqa: F821
    return 0


def factor(m, count) -> int:  # type: ignore[no-untyped-def]
    for _ in range(count):
        call(m.factor, m.shift, shifted(m.node_out, m.pools * WIDTH), m.work, m, m.lu)  # noqa: F821
    return 0


def solve(m, count) -> int:  # type: ignore[no-untyped-def]
    for _ in range(count):
        call(m.solve, m.lu, m.work, m.work, m, m.u)  # noqa: F821
    return 0


PIECES = {"node": (node, 1), "rates": (rates, 3), "signals": (signals, 3), "factor": (factor, 1), "solve": (solve, 4)}


def compiled() -> dict[str, Any]:
    """The pieces, ready to be called with the address of a table and a number of times."""
    text = translate({name: (piece, [WHOLES, WHOLE]) for name, (piece, _) in PIECES.items()}, TABLE)
    engine, _ = load(key_of({}, text), lambda: (text, tuple(PIECES), {}), {})
    kind = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64)
    found: dict[str, Any] = {name: kind(engine.get_function_address(name)) for name in PIECES}
    return found | {"owner": engine}


def accounted(name: str, count: int = 512) -> dict[str, float]:
    """Microseconds of each piece in an attempt of WIDTH people, and of the whole."""
    job, pieces, real, found = bench.work(name, count), compiled(), machine.machine(), {}

    def call(words: int) -> int:
        done = real.call(words)
        for piece, (_, each) in PIECES.items():
            took = []
            for _ in range(5):
                begun = time.process_time()
                pieces[piece](words, REPEATS)
                took.append(time.process_time() - begun)
            found[piece] = 1e6 * each * min(took) / REPEATS
        return done

    cost = bench.cost(job, 5)
    machine.machine = lambda: machine.Machine(call, real.lag, real.bends, real._keep)  # type: ignore[assignment]
    job.run()
    machine.machine = lambda: real  # type: ignore[assignment]
    whole = 1e3 * WIDTH * cost["ms a person"] / cost["attempts a person"]
    return found | {"loop": whole - sum(found.values()), "whole": whole, **cost}


def main() -> None:
    for name in sys.argv[1:] or ("heroin", "mann2022"):
        row = accounted(name)
        print(name, ", ".join(f"{key} {value:.4g}" for key, value in row.items()))


if __name__ == "__main__":
    main()
