"""The page of a sensitivity: which numbers decide each outcome.  Nothing is computed here."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eupnea import figures
from eupnea.notice import HELP_LINE, limits

from . import TEMPLATES, bundle, drawn_page, for_script, words

if TYPE_CHECKING:
    import polars as pl

DRAWN: Final = 9  # numbers in a picture, beside all others
LISTED: Final = 25  # in a table
_SHARES: Final = ("first", "total", "total_low", "total_high")


def write(folder: Path) -> Path:
    """Write report.html into a folder that holds sensitivity.json and scenario.toml."""
    document = json.loads((folder / "sensitivity.json").read_text(encoding="utf-8"))
    place = folder / "report.html"
    place.write_text(render(document, (folder / "scenario.toml").read_text(encoding="utf-8")), encoding="utf-8")
    return place


def render(document: Mapping[str, Any], scenario: str) -> str:
    """The page as one HTML text."""
    from eupnea.core.objects import cache_folder

    cache = cache_folder()
    parts = [
        _part(arm, text, outcome, document)
        for arm, content in document["arms"].items()
        for text, outcome in content["outcomes"].items()
    ]
    specs = [part["spec"] for part in parts if part["spec"]]
    numbers = [dict(name=name, **each) for name, each in document["numbers"].items()]
    return drawn_page(cache, "sensitivity.html").render(
        document=document,
        title=document["scenario"] or "A scenario",
        asked=words.asked(tomllib.loads(scenario), {}),
        parts=parts,
        arms=[*document["arms"]],
        numbers=numbers,
        sentence=words.grades(numbers, tuple(document["grades"]))[0],
        scenario=scenario,
        help=HELP_LINE,
        limits=limits(document["model"]),
        css=(TEMPLATES / "report.css").read_text(encoding="utf-8"),
        vega=bundle.javascript(cache) if specs else "",
        specs=for_script(specs),
        config=for_script(dict(figures.CONFIG)),
    )


def _part(arm: str, text: str, outcome: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """One outcome of one arm: its spans, its picture, its table."""
    unit, kind = outcome["unit"], outcome["kind"]
    rows = [row for row in outcome["numbers"] if row["total"] is not None]
    typical = words.measured(outcome["value"], unit, kind)
    if kind == "share" and document["people"] == 1:
        typical = "yes" if outcome["value"] else "no"
    spans = [("at the typical numbers", typical)]
    for what, whom, span in (
        ("what is not known", "of draws", outcome["knowledge"]),
        ("between people", "of people", outcome["between_people"]),
    ):
        if span is not None:
            spans.append((f"{what}, {'5 to 95 %' if span['low'] is not None else whom}", _span(span, unit)))
    frame = picture_of(rows, outcome["others"]) if not outcome["why_not"] else None
    return dict(
        arm=arm, outcome=text, sentence=outcome["sentence"], never=outcome["never"], spans=spans,
        spec=None if frame is None else dict(figures.matters.spec(frame)),
        rows=[{**row, "shown": _value(document["numbers"].get(row["name"]))} for row in rows[:LISTED]],
        others=outcome["others"] if rows else None,
    )  # fmt: skip


def _span(span: Mapping[str, Any], unit: str) -> str:
    if span["low"] is None:
        return words.measured(span["median"], unit, "share")
    return f"{words.number(span['low'])} – {words.measured(span['high'], unit)}"


def _value(number: Mapping[str, Any] | None) -> str:
    if number is None:
        return ""
    return ("× " if number["times"] else "") + words.measured(number["value"], number["unit"])


def picture_of(rows: Sequence[Mapping[str, Any]], others: Mapping[str, Any] | None) -> pl.DataFrame:
    """The frame of `figures.matters`: the largest, then all others, weak grades first as in the record."""
    import polars as pl

    largest = sorted(rows, key=lambda row: -row["total"])[:DRAWN]
    chosen = [dict(row) for row in rows if row in largest]
    if others is not None and others["total"] is not None:
        chosen.append({**others, "name": f"the other {others['numbers']}", "grade": "others"})
    columns = {key: [max(row[key], 0.0) for row in chosen] for key in _SHARES}
    return pl.DataFrame(
        {
            "name": [row["name"] for row in chosen],
            "grade": [row["grade"] if row["grade"] in (*figures.GRADES, "others") else "others" for row in chosen],
            "first": columns["first"],
            "total": columns["total"],
            "low": columns["total_low"],
            "high": columns["total_high"],
            "words": ["" if row["grade"] == "others" else row["grade"] for row in chosen],
        }
    )
