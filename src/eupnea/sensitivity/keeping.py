"""The folder of what was found: sensitivity.json, scenario.toml and report.html, there together or not at all.

Where the same scenario has been run, sensitivity.json goes into the folder of that run too, whose report tells of it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal

from eupnea import __version__, folder, whole
from eupnea.core.errors import InputErrors
from eupnea.scenario import Scenario

FILES: Final = (folder.ANSWER, "scenario.toml", "report.html")
State = Literal["new", "complete", "again"]
Asked = Mapping[str, Any]  # all that the answer depends on


def asked(job: Scenario, people: int | None, draws: int, by: str) -> dict[str, Any]:
    """What was asked: the same gives the same answer, bit for bit."""
    outcomes = [outcome.text for outcome in job.outcomes]
    return dict(digest=job.digest, outcomes=outcomes, people=max(people or 1, 1), draws=draws, by=by)


def default(job: Scenario, wanted: Asked) -> Path:
    """runs/<stem>-sensitivity-<8 of the hash of what is asked>"""
    text = json.dumps(wanted, sort_keys=True)
    return Path("runs") / f"{job.stem}-sensitivity-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def state(place: Path, wanted: Asked, fresh: bool = False) -> State:
    """Whether the answer may go to this folder.  Raises InputErrors if something else is there; changes nothing."""
    where, names = whole.contents(place)
    if names:
        found = folder.read_answer(where)
        if found is None or names - set(FILES):
            whole.refuse(place, "holds other things than this command writes; choose another --out")
        if {**found.get("asked", {})} != {**wanted}:
            whole.refuse(place, "holds the answer to another question; choose another --out")
        if not fresh and names == set(FILES) and found.get("version") == __version__:
            return "complete"
        if not fresh and found.get("version") != __version__:
            text = f"was written by version {found.get('version')}, this is {__version__}; --fresh asks again there"
            whole.refuse(place, text)
    whole.may_be_made(place)
    return "again" if names else "new"


def write(
    place: Path, job: Scenario, document: Mapping[str, Any], wanted: Asked, report: Callable[[Path], Any]
) -> dict[str, Any]:
    """Write the folder; `report(folder)` adds report.html.  Returns the content of sensitivity.json."""
    content: dict[str, Any] = {**folder.without_nan(document), "asked": {**wanted}}

    def fill(working: Path) -> None:
        (working / folder.ANSWER).write_text(folder.strict_json(content), encoding="utf-8")
        (working / "scenario.toml").write_bytes(job.text.encode())
        report(working)

    whole.put(place, fill, lambda: state(place, wanted, fresh=True))
    return content


def run_of(job: Scenario, said: Path | None) -> Path | None:
    """The folder of a complete run of this scenario: the one that is said, or that of `eupnea run` if it is there.

    Raises InputErrors if the one that is said is something else; looks, and changes nothing.
    """
    place = said if said is not None else folder.default(job)
    if said is None and not whole.contents(place)[1]:
        return None
    try:
        if folder.state(place, job) == "complete":
            return place
    except InputErrors:
        if said is not None:
            raise
        return None  # of an earlier version, or not a run's: nobody asked for it to be touched
    if said is not None:
        whole.refuse(
            place, "holds no complete run of this scenario; `eupnea run` makes one, and this command shows in it"
        )
    return None


def show_in(run: Path, job: Scenario, content: Mapping[str, Any], report: Callable[[Path], Any]) -> None:
    """Put the answer into the folder of a run, whose report `report(folder)` then makes anew, if it is not there."""
    if folder.read_answer(run) == content:
        return

    def fill(working: Path) -> None:
        shutil.copytree(run, working, dirs_exist_ok=True)
        (working / folder.ANSWER).write_text(folder.strict_json(content), encoding="utf-8")
        report(working)

    whole.put(run, fill, lambda: run_of(job, run))


def failed_too_often(document: Mapping[str, Any]) -> bool:
    """Whether in any arm more than 1 in 1,000 runs failed that should not have."""
    runs = document["runs"] / len(document["arms"])
    return any(arm["failures"] > folder.MOST_FAILURES * runs for arm in document["arms"].values())
