"""What the engine costs and against what: `python benchmarks/engine.py` prints tables and stores a dated JSON.

bench      all that `eupnea bench` measures
opponents  SciPy's LSODA and SUNDIALS' CVODE on the same equations and people without delays, arrest and rules
           (`benchmarks/opponent.py` says what they are spared), ours on the same work, and on the whole work
before     with --before DIR, a checkout of an older version: its time for the heroin chain, in the same minutes
run        2,000 people in 7 arms for 75 min through `eupnea.run`
commands   the command line (`benchmarks/commands.py`)

Ratios are those of one run of this program.  Times are processor time where nothing else is said.  Not a test.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import commands
import numpy as np
from opponent import LIMITS, SEEN, TIMES, plain

import eupnea
from eupnea import bench
from eupnea.core.curve import Curve, at

HERE = Path(__file__).parent
BEFORE = """
import time, json
import numpy as np
from eupnea.core.schedule import dose
from eupnea.core.solve import prepare, solve
from eupnea.person import system
from eupnea.core.reach import reached
composed = system("eupnea", ["heroin"])
pool = composed.doses["heroin", "iv"]
composed = reached(composed, {pool})
solver, p = prepare(composed), np.array(composed.typical)
given = dose(composed.doses["heroin", "iv"], 0.0, 13533.0, 0.5)
names, took = ["mam.arterial", "morphine.arterial"], []
for _ in range(30):
    begun = time.process_time()
    found = solve(solver, p, given, 360.0, names)
    took.append(time.process_time() - begun)
print(json.dumps([1e3 * min(took), len(next(iter(found.curves.values())).stop)]))
"""
ARMS = """
title = "2,000 people, 7 arms"
model = "mann2022"
duration = "75 min"
outcomes = ["cardiac_arrest", "time_of_arrest", "minutes(brain_po2 < 20 mmHg)"]
[people]
count = 2000
seed = 1
opioid_use = "chronic"
[[dose]]
time = "0 min"
drug = "fentanyl"
amount = { median = "1.6 mg", cv = 0.5 }
route = "iv"
"""
SPRAY = """
[[rule]]
name = "spray {wait}"
when = "minute_ventilation < 40 % of baseline"
wait = "{wait} s"
give = {{ drug = "naloxone", amount = "2 mg", route = "im", product = "im_generic" }}
[[arm]]
name = "after {wait} s"
only = ["spray {wait}"]
"""
PARTS = ["opponents", "before", "run", "commands", "bench"]
WAITS = (30, 60, 120, 180, 300, 600)


def opponents(count: int) -> dict[str, Any]:
    """Ours and theirs on the work without delays, arrest and rules; ours on the whole; ratios at enough accuracy."""
    line = [sys.executable, str(HERE / "opponent.py"), str(count)]
    theirs = json.loads(subprocess.run(line, capture_output=True, text=True, check=True).stdout)
    exact = np.array(theirs.pop("exact"))
    whole = bench.work("mann2022", count)
    easy, rows = plain(whole), []

    def signals(tolerance: float) -> np.ndarray:
        found = easy.run(tolerance)
        curves = [Curve(found.first, found.start, found.stop, found.value[name]) for name in SEEN]
        return np.stack([at(curve, TIMES) for curve in curves], axis=-1)

    for tolerance in (1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 1e-6):
        errors = np.abs(signals(tolerance) - exact).max(axis=(0, 1))
        ms = 1e3 * bench.best(5, lambda tolerance=tolerance: easy.run(tolerance)) / count  # type: ignore[misc]
        enough = bool((errors <= LIMITS).all())
        rows.append(dict(solver="eupnea", tolerance=tolerance, ms=ms, errors=errors.tolist(), enough=enough))
    apart = np.abs(signals(bench.TIGHT) - exact).max(axis=(0, 1)).tolist()
    rows += theirs["rows"]
    alone = 1e3 * bench.best(5, lambda: easy.only(np.arange(1)).run())
    full = bench.cost(whole, 5)["ms a person"]
    least = {name: min(row["ms"] for row in rows if row["solver"] == name and row["enough"])
             for name in dict.fromkeys(row["solver"] for row in rows)}  # fmt: skip
    default = next(row["ms"] for row in rows if row["solver"] == "eupnea" and row["tolerance"] == bench.TOLERANCE)
    return dict(
        people=count, rows=rows, tight_runs_differ=apart, right_hand_side_us=theirs["microseconds"], one_alone_ms=alone,
        whole_work_ms=full, ratio_same_work={name: ms / default for name, ms in least.items() if name != "eupnea"},
        ratio_whole_work={name: ms / full for name, ms in least.items() if name != "eupnea"},
    )  # fmt: skip


def before(folder: Path) -> dict[str, Any]:
    """One typical person of the heroin chain in an older version, and ours: one alone, and many."""
    own = {**os.environ, "PYTHONPATH": str(folder / "src")}
    line = [sys.executable, "-c", BEFORE]
    ms, steps = json.loads(subprocess.run(line, env=own, capture_output=True, text=True, check=True).stdout)
    job = bench.work("heroin", 512)
    now, alone = bench.cost(job, 5), bench.cost(job.only(np.arange(1)), 30)
    return dict(before_ms=ms, before_steps=steps, now_ms=now["ms a person"], now_steps=now["steps a person"],
                now_alone_ms=alone["ms a person"], ratio=ms / now["ms a person"])  # fmt: skip


def through_run() -> dict[str, Any]:
    """Seconds by all that a scenario asks of a run."""
    text = ARMS + "".join(SPRAY.format(wait=wait) for wait in WAITS)
    text += '[[arm]]\nname = "nobody"\nonly = []\n'
    eupnea.run(text, people=8)
    found = {}
    for threads in (1, 2):
        begun, used = time.perf_counter(), time.process_time()
        done = eupnea.run(text, threads=threads)
        found[f"threads {threads}, clock s"] = time.perf_counter() - begun
        found[f"threads {threads}, processor s"] = time.process_time() - used
    shares = done.outcomes().filter(outcome="cardiac_arrest")
    arrests = dict(zip(shares["arm"], shares["value"], strict=True))
    return dict(people=2000, arms=7, minutes=75, load=bench.load(), arrests=arrests, **found)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--out", type=Path, default=HERE / "results", help="folder of the JSON")
    words.add_argument("--before", type=Path, help="checkout of an older version")
    words.add_argument("--people", type=int, default=40, help="for the opponents")
    words.add_argument("--only", nargs="*", default=PARTS, choices=PARTS, help="parts")
    asked = words.parse_args()
    found: dict[str, Any] = dict(machine=bench.machine())
    for name, part in dict(
        opponents=lambda: opponents(asked.people), before=lambda: before(asked.before) if asked.before else None,
        run=through_run, commands=commands.measured, bench=lambda: bench.document(list(bench.parts())),
    ).items():  # fmt: skip
        if name in asked.only and (rows := part()) is not None:
            found[name] = rows
            print(name, json.dumps(rounded(rows), indent=1))
    asked.out.mkdir(parents=True, exist_ok=True)
    place = asked.out / f"{datetime.now(UTC):%Y-%m-%d-%H%M}-engine.json"
    place.write_text(json.dumps(rounded(found), indent=1) + "\n", encoding="utf-8")
    print(place)


def rounded(thing: Any) -> Any:
    """Numbers to four figures."""
    if isinstance(thing, dict):
        return {key: rounded(value) for key, value in thing.items()}
    if isinstance(thing, list):
        return [rounded(value) for value in thing]
    return float(f"{thing:.4g}") if isinstance(thing, float) else thing


if __name__ == "__main__":
    main()
