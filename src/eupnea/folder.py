"""The folder of a run: five files that are there together or not at all.

    outcomes.json  timecourse.parquet  scenario.toml  manifest.json  report.html

All is written into a hidden sibling, synced, and renamed at the end.  A folder that exists is only ever replaced as a
whole, and only if it holds the same scenario and nothing of anybody else.
"""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn

from eupnea import __version__
from eupnea.core.errors import InputErrors, Problem
from eupnea.scenario import Scenario

if TYPE_CHECKING:
    from eupnea.job import Run

FILES: Final = ("outcomes.json", "timecourse.parquet", "scenario.toml", "manifest.json", "report.html")
MOST_FAILURES: Final = 1 / 1000  # of people; more is said with an exit code of its own

State = Literal["new", "complete", "again"]


def default(scenario: Scenario) -> Path:
    """runs/<stem>-<8 of the scenario's hash>"""
    return Path("runs") / f"{scenario.stem}-{scenario.digest[:8]}"


def state(folder: Path, scenario: Scenario, fresh: bool = False) -> State:
    """Whether a run may go to this folder: it is new, complete already, or to be run again there.

    Raises InputErrors if the folder is something else; looks, and changes nothing.
    """
    if not folder.exists() and not folder.is_symlink():
        above = next(parent for parent in folder.absolute().parents if parent.exists())
        if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
            _refuse(folder, f"cannot be made: {above} is not a folder that may be written to")
        return "new"
    if not folder.is_dir():
        _refuse(folder, "is a file, not a folder; choose another --out")
    names = {path.name for path in folder.iterdir()}
    if not names:
        return "new"
    manifest = read_manifest(folder)
    if manifest is None:
        _refuse(folder, "holds other things than a run; choose another --out")
    if manifest.get("digest") != scenario.digest:
        _refuse(folder, f"holds another scenario's run ({manifest.get('scenario', 'unknown')}); choose another --out")
    same = (manifest.get("version"), manifest.get("seed"), manifest.get("people"))
    if set(FILES) <= names and same == (__version__, scenario.people.seed, scenario.people.count) and not fresh:
        return "complete"
    if not fresh and same[0] != __version__:
        _refuse(folder, f"was written by version {same[0]}, this is {__version__}; --fresh runs it again there")
    foreign = sorted(names - set(FILES) - {name.split("/")[0] for name in scenario.tables})
    if foreign:
        _refuse(folder, f"also holds {', '.join(foreign)}, which running again would take away; choose another --out")
    return "again"


def _refuse(folder: Path, text: str) -> NoReturn:
    raise InputErrors([Problem(str(folder), None, text)])


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a run's folder, or None if it has none that can be read."""
    try:
        found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def read_outcomes(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "outcomes.json").read_text(encoding="utf-8"))
    return found


# --- what is written -----------------------------------------------------------------------------------------------


def outcomes(run: Run) -> dict[str, Any]:
    """The content of outcomes.json."""
    scenario = run.scenario
    arms: dict[str, Any] = {
        arm.name: {"failures": len(run.results[arm.name].failures), "outcomes": {}} for arm in scenario.arms
    }
    for row in run.outcomes().iter_rows(named=True):
        arms[row["arm"]]["outcomes"][row["outcome"]] = {
            "value": _number(row["value"]),
            "unit": row["unit"],
            "low": _number(row["low"]),
            "high": _number(row["high"]),
            "n": int(row["n"]),
            "kind": row["kind"],
        }
    return {
        "scenario": scenario.title,
        "version": __version__,
        "model": scenario.model,
        "seed": scenario.people.seed,
        "people": scenario.people.count,
        "arms": arms,
    }


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def strict_json(content: Any) -> str:
    """JSON without NaN: what is no number is null already."""
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def without_nan(content: Any) -> Any:
    """The same with null for every number that is none; tuples are lists."""
    if isinstance(content, Mapping):
        return {str(key): without_nan(value) for key, value in content.items()}
    if isinstance(content, str) or not isinstance(content, Iterable):
        return None if isinstance(content, float) and not math.isfinite(content) else content
    return [without_nan(value) for value in content]


def failed_too_often(document: Mapping[str, Any]) -> bool:
    """Whether in any arm more than 1 in 1,000 people failed."""
    return any(arm["failures"] > MOST_FAILURES * document["people"] for arm in document["arms"].values())


def write(run: Run, folder: Path, report: Callable[[Path], Any]) -> dict[str, Any]:
    """Write the run's folder, whole; `report(folder)` adds report.html.  Returns what outcomes.json says."""
    document = outcomes(run)
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    working = folder.parent / f".{folder.name}.unfinished-{os.getpid()}"
    working.mkdir()
    try:
        _fill(working, run, document)
        report(working)
        _sync(working)
        _exchange(working, folder)
    except BaseException:
        shutil.rmtree(working, ignore_errors=True)
        raise
    return document


def _fill(working: Path, run: Run, document: Mapping[str, Any]) -> None:
    scenario = run.scenario
    (working / "outcomes.json").write_text(strict_json(document), encoding="utf-8")
    (working / "scenario.toml").write_bytes(scenario.text.encode())
    manifest = {**run.manifest, "digest": scenario.digest, "version": __version__}
    manifest |= {"seed": scenario.people.seed, "people": scenario.people.count, "scenario": scenario.title}
    (working / "manifest.json").write_text(strict_json(without_nan(manifest)), encoding="utf-8")
    run.timecourse().write_parquet(working / "timecourse.parquet")
    for name, content in scenario.tables.items():
        (working / name).parent.mkdir(parents=True, exist_ok=True)
        (working / name).write_bytes(content)


def _exchange(working: Path, folder: Path) -> None:
    """Put the finished folder in its place; an earlier one goes only when the new one stands."""
    if not folder.exists():
        os.rename(working, folder)
        return
    old = folder.parent / f".{folder.name}.old-{os.getpid()}"
    os.rename(folder, old)
    try:
        os.rename(working, folder)
    except BaseException:
        os.rename(old, folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _sync(folder: Path) -> None:
    for path in (*folder.rglob("*"), folder):
        if os.name == "nt":
            return
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _sweep(folder: Path) -> None:
    """Take away what a killed run of the same folder left; one that still runs keeps its own."""
    for path in folder.parent.glob(f".{folder.name}.unfinished-*"):
        owner = path.name.rpartition("-")[2]
        if owner.isdigit() and not _runs(int(owner)):
            with suppress(OSError):
                shutil.rmtree(path)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
