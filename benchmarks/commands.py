"""How long the command line takes, in seconds on the clock: a part of `benchmarks/engine.py`.

cold      a process with empty caches: everything is traced, compiled, run and reported
warm      the same process with filled caches
again     a second eupnea.run in one Python
help      eupnea --help
people    1,000 people and 6 h of heroin in one process, warm
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SCENARIO = "iv_heroin"
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


def measured() -> dict[str, float]:
    """Everything."""
    with tempfile.TemporaryDirectory() as folder:
        return processes(Path(folder)) | dict(again=again())


def processes(folder: Path) -> dict[str, float]:
    """The command line from outside."""
    cache, crowd = folder / "cache", folder / "crowd.toml"
    crowd.write_text(CROWD, encoding="utf-8")
    number = iter(range(1000))

    def run(what: str) -> None:
        typed(["run", what, "--out", str(folder / f"run{next(number)}")], cache, folder)

    return dict(
        cold=best(1, lambda: run(SCENARIO)),
        warm=best(3, lambda: run(SCENARIO)),
        help=best(3, lambda: typed(["--help"], cache, folder)),
        people=best(2, lambda: run(str(crowd))),
    )


def again() -> float:
    """The second call in one Python."""
    import eupnea

    eupnea.run(SCENARIO)
    return best(5, lambda: eupnea.run(SCENARIO))
