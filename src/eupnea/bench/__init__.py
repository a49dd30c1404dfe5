"""How fast the engine is here, and how far off: what `eupnea bench` measures.

cost      processor time for one person's 90 minutes after fentanyl, in a model with delays and events, without and with
          naloxone; of it, `rest` is for the body without drugs; steps taken and tried
accuracy  the same against a run at a tolerance of 1e-9, up to cardiac arrest: the worst of all people
size      the same for 1 to 512 people, for a day and a month of doses every 6 h, with one thread and with two
pools     larger systems: seconds to compile in a fresh process with an empty cache, microseconds a step

Times are the least of several.  A busy machine gives others, so the load is told with them.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np

from eupnea.bench.jobs import DAY, MODELS, Work, nmol, prepared, work
from eupnea.core.curve import Curve, at
from eupnea.core.memory import Memory, taken
from eupnea.core.schedule import dose
from eupnea.core.solve import TOLERANCE, Courses, rest

Array = np.ndarray
TIGHT = 1e-9  # tolerance of the run that others are compared with
ALLOWED: Final = {"PaO2, mmHg": 0.05, "ventilation, L/min": 0.01, "arrest, s": 1.0, "naloxone, s": 1.0}
EVERY = 1 / 30  # min between the times that are compared
AT_ONCE = 128  # people that a thread takes at once, as in a run (`job.MOST_PEOPLE`)
TRIED, KEPT = 4, 3  # evaluations of all equations in an attempt: for the step; for what is recorded and watched


# --- how it is measured ---------------------------------------------------------------------------------------------


def best(times: int, job: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """The least of several times [s]; processor time unless another clock is given."""
    took = []
    for _ in range(times):
        before = clock()
        job()
        took.append(clock() - before)
    return min(took)


def cost(job: Work, times: int = 3) -> dict[str, Any]:
    """Milliseconds of one processor for one person's run, and what they went into.

    In memory that was used before, as all but the first people of a scenario have it.
    """
    count, memory = len(job.p), Memory()
    seconds, courses = best(times, lambda: job.run(memory=memory)), job.run(memory=memory)
    steps, tries = int(courses.first[-1]), int(courses.tries.sum())
    return {
        "people": count, "ms a person": 1e3 * seconds / count, "ns a step": 1e9 * seconds / steps,
        "steps a person": steps / count, "attempts a person": tries / count,
        "evaluations a person": (TRIED + KEPT) * tries / count, "failures": len(courses.failures),
    }  # fmt: skip


def machine() -> dict[str, Any]:
    """What the numbers depend on."""
    import llvmlite.binding as llvm

    told = Path("/proc/cpuinfo")
    named = re.search(r"^model name\s*: (.*)$", told.read_text(encoding="utf-8") if told.exists() else "", re.MULTILINE)
    return dict(
        date=datetime.now(UTC).isoformat(timespec="seconds"), load=load(), cores=os.cpu_count(),
        processor=named[1] if named else platform.processor(), code_for=llvm.get_host_cpu_name(),
        system=platform.platform(), python=platform.python_version(), tolerance=TOLERANCE,
        **{name: version(name) for name in ("eupnea", "numpy", "llvmlite")},
    )  # fmt: skip


def load() -> float | None:
    """How many processes want a processor, over the last minute; 1 is this one."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


# --- the parts ------------------------------------------------------------------------------------------------------


def costs(count: int) -> Iterator[dict[str, Any]]:
    for naloxone in (False, True):
        job = work("mann2022", count, naloxone)
        row = {"work": "fentanyl, then naloxone" if naloxone else "fentanyl", **cost(job)}
        yield row | {"of it rest": 1e3 * best(3, lambda job=job: rest(job.solver, job.p)) / count}  # type: ignore[misc]
    yield {"work": "heroin", **cost(work("heroin", count))}


def accuracy(count: int, tolerance: float = TOLERANCE) -> Iterator[dict[str, Any]]:
    """Largest differences of all people from the tight run, before arrest; who would have another verdict."""
    for naloxone in (False, True):
        job = work("mann2022", count, naloxone)
        yield {"work": "fentanyl, then naloxone" if naloxone else "fentanyl", **errors(job, tolerance)}


def errors(job: Work, tolerance: float) -> dict[str, Any]:
    exact, found, times = job.run(TIGHT), job.run(tolerance), np.arange(0.0, job.end, EVERY)
    arrest = [_signal(courses, "time_of_arrest", np.array([job.end]))[:, 0] for courses in (exact, found)]
    both, neither = (arrest[0] > 0) & (arrest[1] > 0), (arrest[0] == 0) & (arrest[1] == 0)
    until = np.where(both, np.minimum(*arrest), np.where(neither, job.end, 0.0))
    before = times < until[:, None]
    row: dict[str, Any] = {"people": len(job.p), "tolerance": tolerance}
    for name, title in (("pao2", "PaO2, mmHg"), ("minute_ventilation", "ventilation, L/min")):
        apart = np.abs(_signal(exact, name, times) - _signal(found, name, times))
        row[title] = float(np.max(apart, where=before, initial=0.0))
    row["arrest, s"] = 60 * float(np.max(np.abs(arrest[0] - arrest[1]), where=both, initial=0.0))
    first = [courses.acted[:, 0, 0] if job.rules else np.full(len(job.p), np.nan) for courses in (exact, found)]
    given = np.isfinite(first[0]) & np.isfinite(first[1])
    row["naloxone, s"] = 60 * float(np.max(np.abs(first[0] - first[1]), where=given, initial=0.0))
    row["arrests"], row["other verdicts"] = int((arrest[0] > 0).sum()), int((~both & ~neither).sum())
    return row | {"good enough": all(row[key] <= most for key, most in ALLOWED.items())}


def _signal(courses: Courses, name: str, times: Array) -> Array:
    """(people, times)"""
    return at(Curve(courses.first, courses.start, courses.stop, courses.value[name]), times)


def sizes(counts: Sequence[int], days: Sequence[int], threads: Sequence[int]) -> Iterator[dict[str, Any]]:
    full = work("mann2022", max(counts))
    for count in counts:
        who = "1 person" if count == 1 else f"{count} people"
        yield {"varied": who, **cost(full.only(np.arange(count)), 3 if count > 100 else 20)}
    few, pool = full.only(np.arange(8)), full.solver.system.doses["fentanyl", "iv", ""]
    for end in days:
        given = [g for k in range(4 * end) for g in dose(pool, k * DAY / 4, nmol("fentanyl", 0.1))]
        yield {"varied": f"{end} d, a dose every 6 h", **cost(replace(few, given=given, end=end * DAY), 1)}
    crowd, alone = work("mann2022", 4 * max(counts)), 0.0  # so many that how a run begins and ends hardly counts
    for number in threads:
        seconds = best(7, lambda number=number: spread(crowd, number), time.perf_counter)  # type: ignore[misc]
        alone = alone or seconds
        row = {"varied": f"{number} thread{'s' if number > 1 else ''}", "people": len(crowd.p)}
        yield row | {"ms a person": 1e3 * seconds / len(crowd.p), "times as fast": alone / seconds, "load": load()}


def spread(job: Work, threads: int) -> None:
    """All people, AT_ONCE in each call, by so many threads."""
    parts = [job.only(np.arange(k, min(k + AT_ONCE, len(job.p)))) for k in range(0, len(job.p), AT_ONCE)]
    spare: list[Memory] = []

    def one(part: Work) -> None:
        with taken(spare) as memory:
            part.run(memory=memory)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, parts))


def pools(names: Sequence[str], count: int, cold: bool = True) -> Iterator[dict[str, Any]]:
    for name in names:
        job = work(name, count)
        row = {"model": name, "pools": len(job.solver.system.pools), "entries": len(job.solver.native.entries)}
        found = cost(job)
        row |= {key: found[key] for key in ("ms a person", "ns a step", "steps a person")}
        yield row | (compiling(name) if cold else {})


def compiling(name: str) -> dict[str, float]:
    """Seconds to compile one of MODELS, and the solver, in a process of its own with an empty cache; and from it."""
    code = (
        "import time; from eupnea import bench; from eupnea.core.machine import machine; a = time.perf_counter();"
        f"machine(); b = time.perf_counter(); bench.prepared({name!r}); print(b - a, time.perf_counter() - b)"
    )
    with tempfile.TemporaryDirectory() as folder:
        found = []
        for _ in range(2):
            line = [sys.executable, "-c", code]
            own = {**os.environ, "EUPNEA_CACHE": folder}
            done = subprocess.run(line, env=own, capture_output=True, text=True, check=True)
            found.append([float(word) for word in done.stdout.split()])
    return {"solver compiled, s": found[0][0], "compiled, s": found[0][1], "from the cache, s": sum(found[1])}


@dataclass(frozen=True)
class Part:
    """One table of what was measured."""

    name: str
    title: str
    rows: list[dict[str, Any]]


def parts(quick: bool = False) -> Iterator[Part]:
    """Each part as soon as it is measured.  quick: few people, nothing compiled anew."""
    many, judged = (16, 8) if quick else (512, 64)
    prepared("mann2022")
    yield Part("cost", "Cost of one person's run", list(costs(many)))
    yield Part("accuracy", f"Largest error of all people, against a tolerance of {TIGHT:g}", list(accuracy(judged)))
    counts, days, threads = ((1, 8), (1,), (1, 2)) if quick else ((1, 8, 64, 512), (1, 30), (1, 2))
    yield Part("size", "People, horizon, threads", list(sizes(counts, days, threads)))
    rows = list(pools(MODELS[:2] if quick else MODELS, 8 if quick else 16, not quick))
    yield Part("pools", "Larger systems", rows)


def shown(part: Part) -> tuple[list[str], list[dict[str, Any]]]:
    """Columns and rows of a part as people read them."""
    columns = list(dict.fromkeys(key for row in part.rows for key in row))

    def cell(value: Any) -> Any:
        small = isinstance(value, float) and value < 100
        return (f"{value:.3g}" if small else f"{value:.0f}") if isinstance(value, float) else value

    return columns, [{key: cell(row.get(key, "")) for key in columns} for row in part.rows]


def document(found: Sequence[Part]) -> dict[str, Any]:
    """All of it, for --json and for files."""
    rows = {part.name: part.rows for part in found}
    return dict(machine=machine(), allowed=dict(ALLOWED), **rows)
