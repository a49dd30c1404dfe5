"""The folder of a run: five files that are there together or not at all.

    outcomes.json  timecourse.parquet  scenario.toml  manifest.json  report.html

and sensitivity.json, if `eupnea sensitivity` was asked about the same scenario: the report then tells of it.

A folder that exists is only ever replaced as a whole (`eupnea.whole`), and only if it holds the same scenario and
nothing of anybody else.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from eupnea import __version__
from eupnea.core.errors import InputErrors, Problem
from eupnea.scenario import Scenario
from eupnea.whole import contents, may_be_made, put, refuse

if TYPE_CHECKING:
    from eupnea.job import Run

FILES: Final = ("outcomes.json", "timecourse.parquet", "scenario.toml", "manifest.json", "report.html")
ANSWER: Final = "sensitivity.json"
MOST_FAILURES: Final = 1 / 1000  # of people; more is said with an exit code of its own

_COLUMNS: Final = frozenset("arm person time signal unit value".split())  # of timecourse.parquet, among others

_KINDS: Final = dict(warnings=list, numbers=list, failures=list, sources=dict, drugs=dict)  # in manifest.json
State = Literal["new", "complete", "again"]


def default(scenario: Scenario) -> Path:
    """runs/<stem>-<8 of the scenario's hash>"""
    return Path("runs") / f"{scenario.stem}-{scenario.digest[:8]}"


def state(folder: Path, scenario: Scenario, fresh: bool = False) -> State:
    """Whether a run may go to this folder: it is new, complete already, or to be run again there.

    Raises InputErrors if the folder is something else; looks, and changes nothing.
    """
    place, names = contents(folder)
    if names and _is_complete(folder, place, names, scenario, fresh):
        return "complete"
    may_be_made(folder)
    taken = sorted({Path(name).parts[0].lower() for name in scenario.tables} & {*FILES, ANSWER})
    if taken:
        refuse(Path(scenario.file), f"the table of people cannot be called {taken[0]}, as the run's own file is")
    return "again" if names else "new"


def _is_complete(folder: Path, place: Path, names: set[str], scenario: Scenario, fresh: bool) -> bool:
    """Whether the run is there already; InputErrors if it is another's that is there."""
    manifest = read_manifest(place)
    if manifest is None:
        refuse(folder, "holds other things than a run; choose another --out")
    if manifest.get("digest") != scenario.digest:
        refuse(folder, f"holds another scenario's run ({manifest.get('scenario', 'unknown')}); choose another --out")
    same = (manifest.get("version"), manifest.get("seed"), manifest.get("people"))
    there = all((place / name).is_file() and (place / name).stat().st_size for name in FILES)
    if there and same == (__version__, scenario.people.seed, scenario.people.count) and not fresh:
        with suppress(InputErrors):
            read_outcomes(place)
            return True
    if not fresh and same[0] != __version__:
        refuse(folder, f"was written by version {same[0]}, this is {__version__}; --fresh runs it again there")
    foreign = sorted(names - {*FILES, ANSWER} - {Path(name).parts[0] for name in scenario.tables})
    if foreign:
        refuse(folder, f"also holds {', '.join(foreign)}, which running again would take away; choose another --out")
    return False


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a run's folder, or None if it has none that can be read."""
    try:
        found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    sound = isinstance(found, dict) and all(isinstance(found.get(key, kind()), kind) for key, kind in _KINDS.items())
    return found if sound else None


def read_answer(folder: Path) -> dict[str, Any] | None:
    """What sensitivity.json says; None if there is none that can be read."""
    try:
        found = json.loads((folder / ANSWER).read_text(encoding="utf-8"))
        return dict(found) if _is_answer(found) else None
    except (OSError, ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return None


def _is_answer(found: Any) -> bool:
    """Whether this is the content of a sensitivity.json; may also raise what comes of reading something else."""
    outcomes = [outcome for arm in found["arms"].values() for outcome in arm["outcomes"].values()]
    needed = {
        "unit",
        "kind",
        "value",
        "between_people",
        "knowledge",
        "never",
        "why_not",
        "sentence",
        "numbers",
        "others",
    }
    return (
        len({tuple(arm["outcomes"]) for arm in found["arms"].values()}) == 1
        and {"people", "draws", "bases", "runs", "seed", "version", "grades"} <= found.keys()
        and isinstance(found["asked"]["digest"], str)
        and all(needed <= outcome.keys() for outcome in outcomes)
        and all({"value", "unit", "times", "grade"} <= number.keys() for number in found["numbers"].values())
    )


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
        refuse(file, "is not as a run writes it")
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
        refuse(folder, "there is no such folder")
    lacking = [name for name in FILES if name != "report.html" and not (folder / name).is_file()]
    if lacking:
        refuse(folder, f"is no run's folder: {', '.join(lacking)} missing")
    read_outcomes(folder)
    manifest = read_manifest(folder)
    if manifest is None:
        refuse(folder / "manifest.json", "is not as a run writes it")
    if (folder / ANSWER).exists():
        answer = read_answer(folder)
        if answer is None:
            refuse(folder / ANSWER, "is not as `eupnea sensitivity` writes it; take it away, or ask again")
        if (answer["asked"]["digest"], answer["version"]) != (manifest.get("digest"), manifest.get("version")):
            refuse(folder / ANSWER, "is about another scenario or of another version; take it away, or ask again")
    try:
        tomllib.loads((folder / "scenario.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        refuse(folder / "scenario.toml", f"cannot be read: {error}")
    try:
        lacking = sorted(_COLUMNS - set(pl.read_parquet_schema(folder / "timecourse.parquet")))
    except (OSError, pl.exceptions.PolarsError) as error:
        refuse(folder / "timecourse.parquet", f"cannot be read: {str(error).splitlines()[0]}")
    if lacking:
        refuse(folder / "timecourse.parquet", f"lacks {', '.join(lacking)}")


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

    def fill(working: Path) -> None:
        _fill(working, run, document)
        report(working)

    put(folder, fill, lambda: state(folder, run.scenario, fresh=True))
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
