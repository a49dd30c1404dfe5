"""Many random scenarios on random structures: does any hang, end in NaN, lose moles, or say other than the witness?

    python benchmarks/fuzz.py [--scenarios 100000] [--structures 20] [--witness 500] [--seed 1]

Prints one JSON document with counts.  The structures: tests/random_systems.py; what must hold of a run: tests/duels.py.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from duels import duel, wrongs
from eupnea.core.solve import prepare, solve
from random_systems import scenarios, structure

BATCH = 250  # people with the same rules


def compiled(count: int, structures: int, seed: int, folder: Path) -> dict:
    """Many scenarios, rules included, on a few structures."""
    seen: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    bad, begun, slowest = [], time.time(), 0.0
    for number in range(structures):
        system = structure(seed * 1000 + number, folder / f"few{number}")
        solver = prepare(system)
        for batch in range(-(-count // structures // BATCH)):
            rng = np.random.default_rng([seed, number, batch])
            asked = scenarios(system, rng, BATCH)
            since = time.time()
            run = solve(solver, asked.p, asked.given, asked.end, [*system.signals, *system.pools], rules=asked.rules)
            slowest = max(slowest, time.time() - since)
            seen.update(scenarios=BATCH, steps=int(run.first[-1]), acts=int(sum(a.sum() for a in run.acts)),
                        rules=len(asked.rules) * BATCH, failures=len(run.failures))  # fmt: skip
            reasons.update("".join(c for c in text if not c.isdigit())[:60] for text in run.failures.values())
            bad += [f"structure {number} batch {batch}: {text}" for text in wrongs(system, asked, run)]
    seconds = round(time.time() - begun, 1)
    return {**seen, "reasons": dict(reasons), "silently wrong": bad[:20], "silently wrong, count": len(bad),
            "slowest batch [s]": round(slowest, 2), "seconds": seconds}  # fmt: skip


def against_the_witness(count: int, seed: int, folder: Path, limit: float) -> dict:
    """Each structure once, six people: verdicts of the solver and of the witness."""
    total: Counter[str] = Counter()
    far, begun, spent, errors = [], time.time(), time.process_time(), []
    for number in range(count):
        if time.time() - begun > limit:
            break
        system = structure(seed * 100_000 + number, folder / f"many{number}")
        found = duel(system, np.random.default_rng([seed, number]))
        total.update({"structures": 1, **found.counts})
        errors += found.errors
        far += [f"structure {number}: {text}" for text in found.wrong]
    worst = {f"{q:g}": float(np.quantile(errors, q)) for q in (0.5, 0.9, 0.99, 1)} if errors else {}
    seconds = {"seconds": round(time.time() - begun, 1), "of the processor": round(time.process_time() - spent, 1)}
    return {**total, "relative error, quantiles": worst, "wrong": far[:40], **seconds}


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    for name, default in (("scenarios", 100_000), ("structures", 20), ("witness", 500), ("seed", 1), ("seconds", 3600)):
        ask.add_argument(f"--{name}", type=int, default=default)
    said = ask.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "cache").mkdir(mode=0o700)
        os.environ["EUPNEA_CACHE"] = str(folder / "cache")
        found = {"compiled": compiled(said.scenarios, said.structures, said.seed, folder)} if said.scenarios else {}
        found["witness"] = against_the_witness(said.witness, said.seed, folder, said.seconds)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
