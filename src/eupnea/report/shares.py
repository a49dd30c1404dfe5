"""Which numbers decide each outcome, as a report lays it out: sentences, spans, pictures, tables.

Of the record of sensitivity.json; nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from eupnea import figures

from . import words

if TYPE_CHECKING:
    import polars as pl

DRAWN: Final = 9  # numbers in a picture, beside all others
LISTED: Final = 25  # in a table
FIRST: Final = 3  # in a row of the table of all outcomes
_SHARES: Final = ("first", "total", "total_low", "total_high")
_SPANS: Final = (("between people", "between_people"), ("what is not known", "knowledge"))


def parts(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One of every outcome of every arm."""
    return [
        _part(arm, text, outcome, document)
        for arm, content in document["arms"].items()
        for text, outcome in content["outcomes"].items()
    ]


def ordered(document: Mapping[str, Any]) -> str:
    """In which order the numbers stand."""
    from eupnea.sensitivity.telling import ordered

    return ordered(document)


def outcomes(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The parts of each outcome, arm by arm, and the picture of its spans."""
    every, found = parts(document), []
    for text in dict.fromkeys(part["outcome"] for part in every):
        own = [part for part in every if part["outcome"] == text]
        frame = spans_of(text, document)
        spans = None if frame is None else dict(figures.spans.spec(frame))
        key = [*figures.SPANS.items()] if frame is not None and len(own) > 1 else []  # else the words stand beside
        found.append(dict(name=text, parts=own, spans=spans, key=key))
    return found


def spans_of(text: str, document: Mapping[str, Any]) -> pl.DataFrame | None:
    """The frame of `figures.spans`; None where there is nothing to lay beside each other."""
    import polars as pl

    rows = []
    for arm, content in document["arms"].items():
        outcome = content["outcomes"][text]
        for what, key in _SPANS:
            span = outcome[key]
            if span is not None and span["low"] is not None:
                ends = {end: span[end] for end in ("low", "median", "high")}
                rows.append(dict(arm=arm, what=what, unit=words.unit(outcome["unit"]), **ends))
    wide = [row for row in rows if row["low"] < row["high"]]
    return pl.DataFrame(rows) if len(wide) > 1 else None


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
    wide = {what: _span(outcome[key], unit) if outcome[key] is not None else "–" for what, key in _SPANS}
    return dict(
        arm=arm, outcome=text, typical=typical, wide=wide, why_not=outcome["why_not"],
        deciding=[row for row in sorted(rows, key=lambda row: -row["total"])[:FIRST] if row["total"] > 0],
        sentence=outcome["sentence"], never=outcome["never"], spans=spans,
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
