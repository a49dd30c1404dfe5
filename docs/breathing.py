"""The tables of docs/breathing.md: `python docs/breathing.py` runs their scenarios and writes them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

import eupnea

PAGE = Path(__file__).with_name("breathing.md")


def tables() -> dict[str, str]:
    """Mark in the page -> rows of its table."""
    mended, shares = (eupnea.run(name).results for name in ("what_was_mended", "same_dose_by_tolerance"))
    asked = ("minutes_of_apnoea", "first(spo2 < 60 %)", "time_of_arrest")
    rows = [[arm, *(_minutes(found.values[one]) for one in asked)] for arm, found in mended.items()]
    levels = [arm for arm in shares if f"{arm}, spray" in shares]
    told = [[phi, *(_share(shares[arm].values["cardiac_arrest"]) for arm in (phi, f"{phi}, spray"))] for phi in levels]
    nights = {arm: found.values for arm, found in eupnea.run("methadone_asleep").results.items()}
    slept = [
        [arm, _share(one["cardiac_arrest"]), f"{np.median(one['lowest(spo2)']):.0f} %"] for arm, one in nights.items()
    ]
    return {
        "what_was_mended": _lines(rows), "same_dose_by_tolerance": _lines(told), "methadone_asleep": _lines(slept),
    }  # fmt: skip


def filled(page: str) -> str:
    for mark, rows in tables().items():
        head = rf"(<!-- {mark} -->\n\|.*\n\|[-|]+\n)(?:\|.*\n)*(<!-- end -->)"
        page = re.sub(head, lambda found, rows=rows: f"{found[1]}{rows}{found[2]}", page)  # type: ignore[misc]
    return page


def _minutes(people: np.ndarray) -> str:
    return "never" if np.isnan(people[0]) else f"{people[0]:.3g} min"


def _share(people: np.ndarray) -> str:
    return f"{100 * people.mean():.0f} %"


def _lines(rows: list[list[str]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
