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
import time
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

_COLUMNS: Final = frozenset("arm person time signal unit value".split())  # of timecourse.parquet, among others

_KINDS: Final = dict(warnings=list, numbers=list, failures=list, sources=dict, drugs=dict)  # in manifest.json
_TURNS: Final = 100  # at putting a folder in its place
State = Literal["new", "complete", "again"]


def default(scenario: Scenario) -> Path:
    """runs/<stem>-<8 of the scenario's hash>"""
    return Path("runs") / f"{scenario.stem}-{scenario.digest[:8]}"


def state(folder: Path, scenario: Scenario, fresh: bool = False) -> State:
    """Whether a run may go to this folder: it is new, complete already, or to be run again there.

    Raises InputErrors if the folder is something else; looks, and changes nothing.
    """
    try:
        place = _place(folder)
        names = {path.name for path in place.iterdir()} if place.exists() else set()
    except NotADirectoryError:
        _refuse(folder, "is a file, not a folder; choose another --out")
    except UnicodeEncodeError:
        _refuse(folder, "has a name that is not UTF-8 text; choose another --out")
    except (OSError, RuntimeError, ValueError) as error:
        _refuse(folder, f"cannot be used: {getattr(error, 'strerror', None) or error}; choose another --out")
    if names and _is_complete(folder, place, names, scenario, fresh):
        return "complete"
    above = next(parent for parent in place.parents if parent.exists())
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        _refuse(folder, f"cannot be made: {above} is not a folder that may be written to")
    if os.path.ismount(place):
        _refuse(folder, "is where a disk is mounted, and cannot be put in place as a whole; choose a folder in it")
    taken = sorted({Path(name).parts[0].lower() for name in scenario.tables} & set(FILES))
    if taken:
        _refuse(Path(scenario.file), f"the table of people cannot be called {taken[0]}, as the run's own file is")
    return "again" if names else "new"


def _place(folder: Path) -> Path:
    """Where a folder lies, whatever links lead there.  Raises an error if no such folder can be made."""
    place = folder.resolve()
    str(place).encode()
    with suppress(FileNotFoundError, NotADirectoryError):
        _sibling(place, "unfinished", 10**9).lstat()  # is its name too long?
    return place


def _sibling(folder: Path, kind: str, process: int) -> Path:
    """A hidden folder beside this one, which belongs to a process."""
    return folder.parent / f".{folder.name}.{kind}-{process}"


def _is_complete(folder: Path, place: Path, names: set[str], scenario: Scenario, fresh: bool) -> bool:
    """Whether the run is there already; InputErrors if it is another's that is there."""
    manifest = read_manifest(place)
    if manifest is None:
        _refuse(folder, "holds other things than a run; choose another --out")
    if manifest.get("digest") != scenario.digest:
        _refuse(folder, f"holds another scenario's run ({manifest.get('scenario', 'unknown')}); choose another --out")
    same = (manifest.get("version"), manifest.get("seed"), manifest.get("people"))
    there = all((place / name).is_file() and (place / name).stat().st_size for name in FILES)
    if there and same == (__version__, scenario.people.seed, scenario.people.count) and not fresh:
        with suppress(InputErrors):
            read_outcomes(place)
            return True
    if not fresh and same[0] != __version__:
        _refuse(folder, f"was written by version {same[0]}, this is {__version__}; --fresh runs it again there")
    foreign = sorted(names - set(FILES) - {Path(name).parts[0] for name in scenario.tables})
    if foreign:
        _refuse(folder, f"also holds {', '.join(foreign)}, which running again would take away; choose another --out")
    return False


def _refuse(folder: Path, text: str) -> NoReturn:
    raise InputErrors([Problem(str(folder), None, text)])


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a run's folder, or None if it has none that can be read."""
    try:
        found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    sound = isinstance(found, dict) and all(isinstance(found.get(key, kind()), kind) for key, kind in _KINDS.items())
    return found if sound else None


def read_outcomes(folder: Path) -> dict[str, Any]:
    """What outcomes.json says; InputErrors if it is not as a run wrote it."""
    file = folder / "outcomes.json"
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        sound = _is_sound(found)
    except (OSError, ValueError, RecursionError) as error:
        raise InputErrors([Problem(str(file), getattr(error, "lineno", None), f"cannot be read: {error}")]) from None
    except (TypeError, KeyError, AttributeError):
        sound = False
    if not sound:
        _refuse(file, "is not as a run writes it")
    return dict(found)


def _is_sound(found: Any) -> bool:
    """Whether this is the content of an outcomes.json; may also raise what comes of reading something else."""
    arms, numbers = found["arms"], (int, float, type(None))
    outcomes = [outcome for arm in arms.values() for outcome in arm["outcomes"].values()]
    return (
        {"scenario", "seed"} <= found.keys()
        and all(isinstance(count, int) for count in (found["people"], *(arm["failures"] for arm in arms.values())))
        and len({tuple(arm["outcomes"]) for arm in arms.values()}) == 1
        and all(isinstance(one[key], numbers) for one in outcomes for key in ("value", "low", "high", "n"))
        and all(isinstance(one[key], str) for one in outcomes for key in ("unit", "kind"))
    )


def check(folder: Path) -> None:
    """Raise InputErrors with what a run's folder lacks, or holds in a shape that cannot be read."""
    import tomllib

    import polars as pl

    if not folder.is_dir():
        _refuse(folder, "there is no such folder")
    lacking = [name for name in FILES if name != "report.html" and not (folder / name).is_file()]
    if lacking:
        _refuse(folder, f"is no run's folder: {', '.join(lacking)} missing")
    read_outcomes(folder)
    if read_manifest(folder) is None:
        _refuse(folder / "manifest.json", "is not as a run writes it")
    try:
        tomllib.loads((folder / "scenario.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        _refuse(folder / "scenario.toml", f"cannot be read: {error}")
    try:
        lacking = sorted(_COLUMNS - set(pl.read_parquet_schema(folder / "timecourse.parquet")))
    except (OSError, pl.exceptions.PolarsError) as error:
        _refuse(folder / "timecourse.parquet", f"cannot be read: {str(error).splitlines()[0]}")
    if lacking:
        _refuse(folder / "timecourse.parquet", f"lacks {', '.join(lacking)}")


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
    place = _place(folder)
    place.parent.mkdir(parents=True, exist_ok=True)
    _sweep(place)
    working = _sibling(place, "unfinished", os.getpid())
    working.mkdir()
    try:
        _fill(working, run, document)
        report(working)
        _sync(working)
        state(folder, run.scenario, fresh=True)  # somebody else may have come meanwhile
        _exchange(working, place)
    except BaseException:
        try:
            shutil.rmtree(working, ignore_errors=True)
        finally:  # one Ctrl-C may arrive twice, from Polars and from Python
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
    old = _sibling(folder, "old", os.getpid())
    for left in reversed(range(_TURNS)):  # another process may be doing just the same
        try:
            if folder.exists():
                os.rename(folder, old)
            os.rename(working, folder)
            break
        except BaseException as error:
            if old.exists() and folder.exists():
                shutil.rmtree(old, ignore_errors=True)
            elif old.exists():
                os.rename(old, folder)
            if left == 0 or not isinstance(error, OSError):
                raise
            time.sleep(os.getpid() % 10 / 1000)
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
    for path in folder.parent.iterdir():
        name, _, owner = path.name.rpartition("-")
        ours = name == f".{folder.name}.unfinished" and owner.isdigit()
        if ours and (int(owner) == os.getpid() or not _runs(int(owner))):  # numbers of processes are used again
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
