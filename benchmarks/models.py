"""What the default model costs beside the published one: `python benchmarks/models.py [PEOPLE]` prints a table.

The same work through `eupnea.run`, one thread, default tolerance: 2,000 people who use opioids daily, 1.6 mg of
fentanyl into a vein, 75 min in seven arms: nobody there, and naloxone into a muscle or the nose after three waits.
Seconds are processor time, of everything: people drawn, bodies brought to rest, runs, outcomes.  Steps are
the solver's.  Not a test.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import eupnea
from eupnea import bench, task
from eupnea.core import solve as engine

FIRST = """
title = "{count} people, 7 arms"
model = "{model}"
duration = "75 min"
outcomes = ["cardiac_arrest", "time_of_arrest", "minutes(brain_po2 < 20 mmHg)"]
[people]
count = {count}
seed = 1
opioid_use = "{use}"
[[dose]]
time = "0 min"
drug = "fentanyl"
amount = {{ median = "1.6 mg", cv = 0.5 }}
route = "iv"
[[arm]]
name = "nobody there"
only = []
"""
ARM = """
[[rule]]
name = "{route} {wait}"
when = "minute_ventilation < 40 % of baseline"
wait = "{wait} s"
give = {{ drug = "naloxone", amount = "{amount} mg", route = "{route}"{product} }}
[[arm]]
name = "{route} after {wait} s"
only = ["{route} {wait}"]
"""
USE = {"mann2022": "chronic", "eupnea": "daily"}
PRODUCT = {"mann2022": {"im": "im_generic", "in": "in_4mg"}, "eupnea": {}}
WAITS, AMOUNTS = (60, 180, 300), {"im": 2, "in": 4}


def scenario(model: str, count: int) -> str:
    text = FIRST.format(model=model, count=count, use=USE[model])
    for route, amount in AMOUNTS.items():
        product = PRODUCT[model].get(route)
        said = f', product = "{product}"' if product else ""
        text += "".join(ARM.format(route=route, wait=wait, amount=amount, product=said) for wait in WAITS)
    return text


def measured(model: str, count: int) -> dict[str, Any]:
    """Processor seconds of the whole, and of the solver, with its steps."""
    text, seen = scenario(model, count), dict(solver_s=0.0, pools=0, steps=0, attempts=0)
    eupnea.run(text, people=8, threads=1)

    def watched(solver: engine.Solver, *words: Any, **more: Any) -> engine.Courses:
        begun = time.process_time()
        found = engine.solve(solver, *words, **more)
        seen["solver_s"] += time.process_time() - begun
        seen["pools"] = len(solver.system.pools)
        seen["steps"] += int(found.first[-1])
        seen["attempts"] += int(found.tries.sum())
        return found

    task.solve = watched  # type: ignore[assignment]
    begun = time.process_time()
    done = eupnea.run(text, threads=1)
    seconds = time.process_time() - begun
    task.solve = engine.solve
    runs = count * len(done.results)
    shares = done.outcomes().filter(outcome="cardiac_arrest")["value"]
    return dict(
        seconds=seconds, solver=seen["solver_s"], pools=seen["pools"], steps=seen["steps"] / runs,
        attempts=seen["attempts"] / runs, ns=1e9 * seen["solver_s"] / seen["steps"],
        failures=sum(len(result.failures) for result in done.results.values()), arrests=[round(s, 3) for s in shares],
    )  # fmt: skip


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    print(f"{count} people, 7 arms, 75 min; load {bench.load()}")
    rows = {model: measured(model, count) for model in USE}
    for model, row in rows.items():
        print(
            f"{model:>9}: {row['seconds']:7.1f} s, of it the solver {row['solver']:.1f} s; {row['pools']} pools, "
            f"{row['steps']:.0f} steps and {row['attempts']:.0f} attempts a run, {row['ns']:.0f} ns a step; "
            f"{row['failures']} failed; in arrest {row['arrests']}"
        )
    print(f"eupnea takes {rows['eupnea']['seconds'] / rows['mann2022']['seconds']:.2f} times as long as mann2022")


if __name__ == "__main__":
    main()
