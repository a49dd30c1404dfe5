"""How long the main job takes, and against what: `python benchmarks/spine.py` prints a table and stores a dated JSON.

    cold      a process with empty caches: everything is traced, compiled, run and reported
    warm      the same process with filled caches
    again     a second eupnea.run in one Python
    help      eupnea --help
    people    1,000 people in one process, warm
    against SciPy's LSODA on the same compiled right-hand side and Jacobian, for one injection and 6 h at several
    tolerances: seconds and the largest error of 6-MAM and morphine in arterial blood, as a share of the peak, against
    a tight run of LSODA.  What is compared is time at like error; `ratio` is LSODA's seconds over ours at the error
    nearest to that of our default tolerance

Times are the best of several, in seconds.  Not a test: a busy machine gives other numbers.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

SCENARIO = "iv_heroin"
TARGETS = dict(cold=15.0, warm=2.0, again=0.2, help=0.5, people=10.0)
CROWD = """
title = "A thousand people, one injection each"
duration = "6 h"
[people]
count = 1000
seed = 1
[[dose]]
time = "0 min"
drug = "heroin"
amount = "5 mg"
route = "iv"
over = "30 s"
"""


def machine() -> dict[str, Any]:
    """What the numbers depend on."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        processor = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        processor = platform.processor()
    packages = ("eupnea", "numpy", "scipy", "numba", "llvmlite", "polars")
    return dict(
        processor=processor,
        cores=os.cpu_count(),
        system=platform.platform(),
        python=platform.python_version(),
        packages={name: version(name) for name in packages},
    )


def best(times: int, job: Callable[[], object]) -> float:
    """The least of several wall times."""
    took = []
    for _ in range(times):
        before = time.perf_counter()
        job()
        took.append(time.perf_counter() - before)
    return min(took)


def typed(words: list[str], cache: Path, folder: Path) -> None:
    """One command, as a person types it, with its caches in a folder of its own."""
    own = dict(EUPNEA_CACHE=str(cache), XDG_CACHE_HOME=str(cache), NUMBA_CACHE_DIR=str(cache / "numba"))
    command = [sys.executable, "-c", "from eupnea.cli import main; main()", *words]
    done = subprocess.run(command, cwd=folder, env={**os.environ, **own}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}\n{done.stdout}{done.stderr}")


def processes(folder: Path) -> dict[str, float]:
    """The command line from outside."""
    cache, crowd = folder / "cache", folder / "crowd.toml"
    crowd.write_text(CROWD, encoding="utf-8")
    number = iter(range(1000))

    def run(what: str) -> None:
        typed(["run", what, "--out", str(folder / f"run{next(number)}")], cache, folder)

    return dict(
        cold=best(1, lambda: run(SCENARIO)),
        warm=best(5, lambda: run(SCENARIO)),
        help=best(5, lambda: typed(["--help"], cache, folder)),
        people=best(2, lambda: run(str(crowd))),
    )


def again() -> float:
    """The second call in one Python."""
    import eupnea

    eupnea.run(SCENARIO)
    return best(5, lambda: eupnea.run(SCENARIO))


def duel() -> dict[str, Any]:
    """Ours and LSODA on one system: a list of (tolerance, seconds, error) for each, and the ratio at like error."""
    import numpy as np

    from eupnea.core.curve import sample
    from eupnea.core.schedule import dose
    from eupnea.core.solve import TOLERANCE, prepare, solve
    from eupnea.person import system

    composed = system("eupnea", ["heroin"])
    solver, p = prepare(composed), np.array(composed.typical)
    given = dose(composed.doses["heroin", "iv"], 0.0, 27_000.0, 0.5)
    names = ["mam.arterial", "morphine.arterial"]
    times = np.linspace(6.0, 360.0, 60)  # few: LSODA pays in Python for each

    def ours(tolerance: float) -> Any:
        curves = solve(solver, p, given, 360.0, names, tolerance).curves
        return sample([curves[name] for name in names], times)

    def theirs(tolerance: float) -> Any:
        return lsoda(composed, solver.native, p, given, names, times, tolerance)

    tight = theirs(1e-12)

    def line(job: Callable[[float], Any], tolerance: float) -> dict[str, float]:
        error = float((abs(job(tolerance) - tight) / tight.max(axis=0)).max())
        return dict(tolerance=tolerance, seconds=best(5, lambda: job(tolerance)), error=error)

    own = [line(ours, tolerance) for tolerance in (1e-4, TOLERANCE, 1e-6, 1e-7)]
    other = [line(theirs, tolerance) for tolerance in (1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9)]
    like = min(other, key=lambda row: abs(np.log(row["error"] / own[1]["error"])))
    return dict(eupnea=own, lsoda=other, ratio=like["seconds"] / own[1]["seconds"], at=[own[1]["error"], like["error"]])


def lsoda(composed: Any, native: Any, p: Any, given: Any, names: list[str], times: Any, tolerance: float) -> Any:
    """Signals at `times` by SciPy's LSODA on our machine code, restarted where a dose begins or ends."""
    import ctypes

    import numpy as np
    from scipy.integrate import solve_ivp

    from eupnea.core.compose import start

    pointer = ctypes.POINTER(ctypes.c_double)
    kind = ctypes.CFUNCTYPE(None, ctypes.c_double, pointer, pointer, pointer)
    count, numbers = len(composed.pools), p.ctypes.data_as(pointer)
    out, entries = np.zeros(count), np.zeros(len(native.entries))
    rates, jacobian = kind(native.rates), kind(native.jacobian)
    inflow, dense = np.zeros(count), np.zeros((count, count))

    def flow(t: float, y: Any) -> Any:
        rates(t, y.ctypes.data_as(pointer), numbers, out.ctypes.data_as(pointer))
        return out + inflow

    def matrix(t: float, y: Any) -> Any:
        jacobian(t, y.ctypes.data_as(pointer), numbers, entries.ctypes.data_as(pointer))
        dense[native.entries[:, 0], native.entries[:, 1]] = entries
        return dense

    y = np.array(start(composed, list(p)), dtype=float)
    edges = sorted({0.0, *(g.time for g in given), float(times[-1])})
    found = []
    for begin, end in pairwise(edges):
        for g in given:
            if g.time == begin:
                y[g.pool] += g.amount
                inflow[g.pool] += g.rate
        inside = times[(times > begin) & (times <= end)]
        options = dict(method="LSODA", rtol=tolerance, atol=tolerance * 1e-2, jac=matrix)
        run = solve_ivp(flow, (begin, end), y, t_eval=np.union1d(inside, [end]), **options)
        if not run.success:
            raise SystemExit(f"LSODA: {run.message}")
        y = run.y[:, -1].copy()
        found += [run.y[:, i] for i, t in enumerate(run.t) if t in inside]
    signals = list(composed.signals)
    seen = [native.call("signals", 0.0, x, p, len(signals)) for x in found]
    first = np.zeros((int((times <= 0).sum()), len(names)))
    return np.vstack([first, np.array(seen)[:, [signals.index(name) for name in names]]])


def table(seconds: Mapping[str, float]) -> str:
    lines = [f"{'':8} {'seconds':>8} {'target':>8}"]
    lines += [f"{name:8} {took:8.3f} {TARGETS[name]:8.2f}" for name, took in seconds.items()]
    return "\n".join(lines)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--out", type=Path, default=Path(__file__).parent / "results", help="folder of the JSON")
    out = words.parse_args().out
    with tempfile.TemporaryDirectory() as folder:
        seconds = processes(Path(folder))
    seconds["again"] = again()
    now = datetime.now(UTC)
    against = duel()
    found = dict(
        date=now.isoformat(timespec="seconds"), machine=machine(), scenario=SCENARIO, seconds=seconds, lsoda=against
    )
    print(table(seconds))
    for name in ("eupnea", "lsoda"):
        for row in against[name]:
            print(f"{name:8} tolerance {row['tolerance']:.0e}  {row['seconds']:8.4f} s  error {row['error']:.1e}")
    print(f"LSODA / eupnea at like error ({against['at'][1]:.1e}, {against['at'][0]:.1e}): {against['ratio']:.1f}")
    out.mkdir(parents=True, exist_ok=True)
    place = out / f"spine-{now:%Y%m%d-%H%M%S}.json"
    place.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(place)


if __name__ == "__main__":
    main()
