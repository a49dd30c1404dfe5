"""The folder of what was found: sensitivity.json, scenario.toml and report.html, there together or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal

from eupnea import __version__, folder, whole
from eupnea.scenario import Scenario

FILES: Final = ("sensitivity.json", "scenario.toml", "report.html")
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
        found = read(where)
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


def read(place: Path) -> dict[str, Any] | None:
    """What sensitivity.json says; None if there is none that can be read."""
    try:
        found = json.loads((place / "sensitivity.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("arms"), dict) else None


def write(
    place: Path, job: Scenario, document: Mapping[str, Any], wanted: Asked, report: Callable[[Path], Any]
) -> dict[str, Any]:
    """Write the folder; `report(folder)` adds report.html.  Returns the content of sensitivity.json."""
    content: dict[str, Any] = {**folder.without_nan(document), "asked": {**wanted}}

    def fill(working: Path) -> None:
        (working / "sensitivity.json").write_text(folder.strict_json(content), encoding="utf-8")
        (working / "scenario.toml").write_bytes(job.text.encode())
        report(working)

    whole.put(place, fill, lambda: state(place, wanted, fresh=True))
    return content


def failed_too_often(document: Mapping[str, Any]) -> bool:
    """Whether in any arm more than 1 in 1,000 runs failed that should not have."""
    runs = document["runs"] / len(document["arms"])
    return any(arm["failures"] > folder.MOST_FAILURES * runs for arm in document["arms"].values())
