"""Pictures of an overdose and its rescue: what happened when, who is alive, the arms beside each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from .labels import Line, place
from .layers import MINUTES, horizontal, inline, time_axis, words

KINDS: Final = dict(  # -> its colour
    dose="#8A8A8A", held="#56B4E9", sleep="#7A68A6", act="#009E73", apnoea="#E69F00", arrest="#D55E00",
)  # fmt: skip
TOLD: Final = dict(
    dose="given at the start or by the clock", held="held by a laboratory", sleep="from lying down to getting up",
    act="done by a rule", apnoea="no breath of one's own", arrest="the heart stands still",
)  # fmt: skip
MANY: Final = 12  # bars of one row; of more it is said how many they are, for they run together


def reach(events: Sequence[Mapping[str, Any]], end: float) -> float:
    """Until when a picture of these events has to reach [min]; end: of the run."""
    seen = [e["until"] if e["until"] is not None and e["until"] < end else e["time"] for e in events]
    return min(1.25 * max(seen, default=0.0) + 1, end)


def timeline(events: Sequence[Mapping[str, Any]], end: float, until: float | None = None) -> dict[str, Any]:
    """One person's events: a row a thing, a bar from when it begins to when it ends, a point for what is at once.

    end: of the run; until: of the picture [min].
    """
    import polars as pl

    unit, last = time_axis(reach(events, end) if until is None else until, end)
    minutes = MINUTES[unit]
    rows, told, often = [], set[str](), Counter(event["name"] for event in events if event["kind"] == "apnoea")
    for event in _in_order(events):
        begin, over = event["time"] / minutes, event["until"]
        if begin <= last:
            many = f"{often[event['name']]} times" if often[event["name"]] > MANY else event["what"]
            word = "" if event["name"] in told else many
            told.add(event["name"])
            stop = min((end if over is None else over) / minutes, last)
            row = {"name": event["name"], "kind": event["kind"], "time": begin, "until": stop, "text": word}
            rows.append(row | {"lasts": int(over is not None)})
    order = [*dict.fromkeys(row["name"] for row in rows)]
    table = pl.DataFrame(rows)
    x, tint = horizontal(unit, last), {"domain": [*KINDS], "range": [*KINDS.values()]}
    y = {"field": "name", "type": "nominal", "sort": order, "title": None, "axis": {"domain": False, "ticks": False,
         "labelLimit": 210, "labelPadding": 12}}  # fmt: skip
    paint = {"field": "kind", "type": "nominal", "scale": tint, "legend": None}
    tips = [{"field": "name", "type": "nominal"}, {"field": "text", "type": "nominal", "title": "what"},
            {"field": "time", "type": "quantitative", "title": "from", "format": ",.3~r"}]  # fmt: skip
    bars = {
        "transform": [{"filter": "datum.lasts == 1"}],
        "mark": {"type": "bar", "height": 11, "cornerRadius": 2},
        "encoding": {"x2": {"field": "until"}, "color": paint, "tooltip": tips},
    }
    points = {
        "transform": [{"filter": "datum.lasts == 0"}],
        "mark": {"type": "point", "shape": "triangle-down", "filled": True, "size": 90, "opacity": 1},
        "encoding": {"color": paint, "tooltip": tips},
    }
    said = {
        "transform": [{"filter": "datum.text != ''"}],
        "mark": {"type": "text", "align": "left", "baseline": "bottom", "dx": 1, "dy": -8, "fontSize": 11.5,
                 "color": "currentColor"},
        "encoding": {"text": {"field": "text", "type": "nominal"}},
    }  # fmt: skip
    return dict(
        width="container",
        height={"step": 38},
        data=inline(table),
        encoding={"x": x, "y": y},
        layer=[bars, points, said],
    )


def _in_order(events: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """First what is given and held, then what breathing and heart do, then what helpers do."""
    rank = dict(dose=0, held=1, sleep=2, apnoea=3, arrest=4, act=5)
    return sorted(events, key=lambda event: (rank[event["kind"]], event["time"]))


def settled(time: Any, shares: Mapping[str, Any]) -> float:
    """When the last heart of any arm stops, or beats anew [min]: from then on the lines of `survival` are level."""
    time = np.asarray(time, dtype=float)
    moves = [np.flatnonzero(np.diff(np.asarray(v))) for v in shares.values()]
    return max((float(time[one + 1].max(initial=0.0)) for one in moves), default=0.0)


def survival(
    time: Any,
    shares: Mapping[str, Any],
    looks: Sequence[tuple[str, Sequence[int]]],
    height: int = 300,
    width: int = 640,  # the least at which names still find room beside each other: a tablet, or paper
    named: bool = True,
) -> dict[str, Any]:
    """The share of people whose heart beats, over time, a line an arm; it rises where a heart beats anew.

    It ends soon after all lines are level; without `named` no words stand beside them.
    """
    import polars as pl

    time = np.asarray(time, dtype=float)
    unit, last = _seen(time, shares)
    at = time / MINUTES[unit]
    inside = at <= last * (1 + 1e-9)
    low = min(float(np.min(v)) for v in shares.values())
    floor = 0.0 if low < 0.5 else 0.5
    parts = [
        pl.DataFrame({"time": at[inside], "series": [arm] * int(inside.sum()), "value": np.asarray(v)[inside]})
        for arm, v in shares.items()
    ]
    x = horizontal(unit, last)
    y = {"field": "value", "type": "quantitative", "title": "people whose heart beats",
         "axis": {"format": "%", "tickCount": 5}, "scale": {"domain": [floor, 1], "nice": False}}  # fmt: skip
    paint = {"domain": [*shares], "range": [colour for colour, _ in looks]}
    dash = {"domain": [*shares], "range": [[*dash] for _, dash in looks]}
    drawn = {
        "mark": {"type": "line", "interpolate": "step-after", "clip": True},
        "encoding": {"x": x, "y": y, "color": {"field": "series", "type": "nominal", "scale": paint, "legend": None},
                     "strokeDash": {"field": "series", "type": "nominal", "scale": dash, "legend": None}},
    }  # fmt: skip
    lines = [
        Line(arm, colour, at[inside] / last, (np.asarray(v)[inside] - floor) / (1 - floor))
        for (arm, v), (colour, _) in zip(shares.items(), looks, strict=True)
    ]
    said = [words(place(lines, width, height), x, y, last, (floor, 1.0), False)] if named else []
    return dict(width="container", height=height, data=inline(pl.concat(parts)), layer=[drawn, *said])


def _seen(time: Any, shares: Mapping[str, Any]) -> tuple[str, float]:
    """The unit and the end of the axis."""
    return time_axis(max(1.4 * settled(time, shares), 0.1 * float(time[-1])), float(time[-1]))


def leaves_out(time: Any, shares: Mapping[str, Any]) -> bool:
    """Whether the picture of survival ends before the run does."""
    unit, last = _seen(time, shares)
    return bool(last * MINUTES[unit] < float(time[-1]) * (1 - 1e-9))


def forest(rows: Sequence[Mapping[str, Any]], looks: Sequence[tuple[str, Sequence[int]]]) -> dict[str, Any]:
    """A share with its interval, a row an arm (arm, value, low, high), and beside it what is said of it (text)."""
    import polars as pl

    arms = [row["arm"] for row in rows]
    tint = {"domain": arms, "range": [colour for colour, _ in looks]}
    axis = {"format": "%", "values": [0, 0.25, 0.5, 0.75, 1], "domain": False, "grid": True}
    x = {
        "field": "value",
        "type": "quantitative",
        "title": None,
        "axis": axis,
        "scale": {"domain": [0, 1.6], "nice": False},
    }
    y = {"field": "arm", "type": "nominal", "sort": arms, "title": None, "axis": {"domain": False, "ticks": False,
         "labelLimit": 300, "labelPadding": 12}}  # fmt: skip
    paint = {"field": "arm", "type": "nominal", "scale": tint, "legend": None}
    span = {"x": x | {"field": "low"}, "x2": {"field": "high"}, "color": paint}
    whisker = {"mark": {"type": "rule", "strokeWidth": 2}, "encoding": span}
    point = {"mark": {"type": "point", "shape": "square", "filled": True, "size": 70, "opacity": 1},
             "encoding": {"x": x, "color": paint}}  # fmt: skip
    said = {"mark": {"type": "text", "align": "left", "color": "currentColor", "fontSize": 11.5},
            "encoding": {"x": {"datum": 1.06}, "text": {"field": "text", "type": "nominal"}}}  # fmt: skip
    table = pl.DataFrame(rows, infer_schema_length=None)
    return dict(
        width="container", height={"step": 30}, data=inline(table), encoding={"y": y}, layer=[whisker, point, said]
    )
