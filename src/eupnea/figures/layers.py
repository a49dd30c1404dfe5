"""What the pictures are made of: axes, lines, bands of people, words beside the lines, a rule under the pointer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from .labels import Line, Word, place

if TYPE_CHECKING:
    import polars as pl

STEPS: Final = {"min": (1, 2, 5, 10, 15, 20, 30, 60), "h": (1, 2, 3, 4, 6, 8, 12, 24), "d": (1, 2, 7, 14, 30, 60, 90)}
MINUTES: Final = {"min": 1, "h": 60, "d": 1440}
WORDS: Final = {"min": "minutes", "h": "hours", "d": "days"}
BANDS = (("q05", "q95", 0.13), ("q25", "q75", 0.2))
QUANTILES = ("q05", "q25", "q75", "q95")


@dataclass(frozen=True)
class Curve:
    """A signal, how it is drawn, and, once read from the frame, its values."""

    signal: str
    name: str
    colour: str
    dash: Sequence[int] = (1, 0)
    arm: str | None = None
    time: Any = None
    value: Any = None  # of the one person, or the median of people
    bands: Mapping[str, Any] | None = None
    unit: str = "1"


Courses = Mapping[tuple[str | None, str], Curve]  # by arm and signal


def signals_of(courses: Courses | pl.DataFrame, ending: str, drugs: Mapping[str, str]) -> list[tuple[str, str]]:
    """(drug, signal) for those of `drugs` whose signal of this ending is in the frame and is not 0 throughout."""
    moved = {c.signal for c in moving(courses, [Curve(drug + ending, "", "") for drug in drugs])}
    return [(drug, drug + ending) for drug in drugs if drug + ending in moved]


def read(frame: pl.DataFrame) -> Courses:
    """The frame, taken apart by arm and signal once for many pictures."""
    banded = "q50" in frame.columns and frame["q50"].null_count() < len(frame)
    found: dict[tuple[str | None, str], Curve] = {}
    if banded:
        frame = frame.drop_nulls("q50")  # some people may stand beside the bands
    parts = frame.partition_by("arm", "signal", as_dict=True, maintain_order=True)
    for (arm, signal), part in parts.items():
        bands = {q: part[q].to_numpy() for q in QUANTILES} if banded else None
        value = part["q50" if banded else "value"].to_numpy()
        if len(value) and np.nanmax(np.abs(value)) > 0:
            c = Curve(signal, "", "", arm=arm, time=part["time"].to_numpy(), value=value, bands=bands)
            found[arm, signal] = replace(c, unit=part["unit"][0])
    return found


def moving(courses: Courses | pl.DataFrame, wanted: Sequence[Curve]) -> list[Curve]:
    """The wanted curves with their values, without those that are not there or stay 0."""
    found = courses if isinstance(courses, Mapping) else read(courses)
    curves = []
    for c in wanted:
        arm = c.arm if c.arm is not None else next((arm for arm, signal in found if signal == c.signal), None)
        own = found.get((arm, c.signal))
        if own is not None:
            curves.append(replace(own, name=c.name, colour=c.colour, dash=c.dash))
    return curves


def curves(
    courses: Courses | pl.DataFrame,
    wanted: Sequence[Curve],
    about: str,
    log: bool = False,
    height: int = 300,
    width: int = 640,
    until: float = 0.0,
    decades: int = 5,
    fade: float = 1.0,
    named: bool = True,
) -> dict[str, Any]:
    """Lines, bands and words. The axes hold every arm, so that the pictures of two arms can be compared.

    `until` is the share of the highest value below which time runs on without a picture; `fade` makes bands fainter
    where many overlap; without `named` no words stand beside the lines.
    """
    found = courses if isinstance(courses, Mapping) else read(courses)
    arms = {arm for arm, _ in found}
    every = moving(found, [replace(c, arm=arm) for c in wanted for arm in arms])
    mine = moving(found, wanted)
    top = max((float(np.nanmax(c.bands["q95"] if c.bands else c.value)) for c in every), default=1.0)
    seen = [float(c.time[np.nan_to_num(c.value) >= until * top].max(initial=0.0)) for c in every]
    unit, end = time_axis(max(seen, default=1.0), max((float(c.time[-1]) for c in every), default=1.0))
    measure, factor = _measure(every[0].unit if every else "1", top)
    low, high = _range(top * factor, log, decades, measure)
    x, y = horizontal(unit, end), _y((low, high), log, measure, about)
    mine = [c for c in (_cut(c, MINUTES[unit], factor, end, low if log else None) for c in mine) if len(c.time) > 1]
    lines = [_unit_square(c, end, (low, high), log) for c in mine if c.name and np.isfinite(c.value).sum() > 1]
    layers = [*_bands(mine, x, y, fade), _drawn(mine, x, y), _hover(mine, x, unit)]
    if lines and named:
        layers.append(words(place(lines, width, height), x, y, end, (low, high), log))
    return {"width": "container", "height": height, "data": inline(_table(mine)), "layer": layers}


def _cut(c: Curve, minutes: float, factor: float, end: float, low: float | None) -> Curve:
    """The part of a curve inside the picture, in the picture's units."""
    time, value = c.time / minutes, c.value * factor
    last = int(np.searchsorted(time, end * (1 - 1e-9))) + 1  # one more: the line runs on to the edge
    keep = np.isfinite(value) & (np.arange(len(time)) < last)
    bands = {q: v * factor for q, v in c.bands.items()} if c.bands else None
    if low is not None:
        keep &= (bands["q95"] if bands else value) >= low
        value = np.where(value >= low, value, np.nan)
        bands = {q: np.maximum(v, low) for q, v in bands.items()} if bands else None
    bands = {q: v[keep] for q, v in bands.items()} if bands else None
    return replace(c, time=time[keep], value=value[keep], bands=bands)


def _table(mine: Sequence[Curve]) -> pl.DataFrame:
    table = {
        "time": np.concatenate([c.time for c in mine] or [np.zeros(0)]),
        "series": [c.name for c in mine for _ in c.time],
        "value": np.concatenate([c.value for c in mine] or [np.zeros(0)]),
    }
    if mine and mine[0].bands:
        table |= {q: np.concatenate([c.bands[q] for c in mine if c.bands]) for q in QUANTILES}
    return _frame(table)


def time_axis(last: float, longest: float | None = None) -> tuple[str, float]:
    """The unit of a time axis that reaches `last` [min], and its end in that unit: a whole number of ticks."""
    unit = "min" if last <= 150 else "h" if last <= 4500 else "d"
    span = last / MINUTES[unit]
    end = math.ceil(span / _step(span, unit) - 1e-6) * _step(span, unit)
    return unit, end if longest is None else min(end, longest / MINUTES[unit])


def _step(span: float, unit: str) -> float:
    return next((step for step in STEPS[unit] if span / step <= 9), span / 8)


def _measure(unit: str, top: float) -> tuple[str, float]:
    return ("µmol/L", 1e-3) if unit == "nmol/L" and top >= 10_000 else (unit, 1.0)


def _range(top: float, log: bool, decades: int, unit: str) -> tuple[float, float]:
    if log:
        whole = math.ceil(math.log10(top * 1.2))
        return 10.0 ** (whole - decades), 10.0**whole
    if unit == "%":
        return 0.0, 100.0
    return (0.0, 1.0) if unit == "1" and 0.3 < top <= 1.0 else (0.0, top * 1.06)


def horizontal(unit: str, end: float) -> dict[str, Any]:
    """The axis of time, from 0 to `end` in that unit."""
    step = _step(end, unit)
    ticks = [round(step * i, 6) for i in range(int(end / step + 1e-6) + 1)]
    axis = {"values": ticks, "labelFlush": True, "labelOverlap": True}
    scale = {"domain": [0, end], "nice": False}
    return {"field": "time", "type": "quantitative", "title": WORDS[unit], "axis": axis, "scale": scale}


def _y(span: tuple[float, float], log: bool, unit: str, about: str) -> dict[str, Any]:
    low, high = span
    axis: dict[str, Any] = {"tickCount": 5}
    if log:
        count = round(math.log10(high / low))
        axis = {"values": [float(f"{low * 10.0**i:.3g}") for i in range(count + 1)]}
        axis["labelExpr"] = "format(datum.value, ',~r')"
    elif unit == "1":
        axis["format"] = "%"
    title = ", ".join(word for word in (about, unit if unit != "1" else "") if word)
    scale = {"type": "log" if log else "linear", "domain": [low, high], "nice": False, "zero": not log}
    return {"field": "value", "type": "quantitative", "title": title or None, "axis": axis, "scale": scale}


def _paint(mine: Sequence[Curve]) -> dict[str, Any]:
    scale = {"domain": [c.name for c in mine], "range": [c.colour for c in mine]}
    return {"field": "series", "type": "nominal", "legend": None, "scale": scale}


def _drawn(mine: Sequence[Curve], x: dict[str, Any], y: dict[str, Any]) -> dict[str, Any]:
    scale = {"domain": [c.name for c in mine], "range": [[*c.dash] for c in mine]}
    dashed = {"field": "series", "type": "nominal", "legend": None, "scale": scale}
    return {
        "mark": {"type": "line", "clip": True},
        "encoding": {"x": x, "y": y, "color": _paint(mine), "strokeDash": dashed},
    }


def _bands(mine: Sequence[Curve], x: dict[str, Any], y: dict[str, Any], fade: float = 1.0) -> list[dict[str, Any]]:
    """The middle 90 % and the middle 50 % of people."""
    if not mine or not mine[0].bands:
        return []
    return [
        {
            "mark": {"type": "area", "opacity": round(opacity * fade, 3), "clip": True},
            "encoding": {"x": x, "y": y | {"field": low}, "y2": {"field": high}, "color": _paint(mine)},
        }
        for low, high, opacity in BANDS
    ]


def _hover(mine: Sequence[Curve], x: dict[str, Any], unit: str) -> dict[str, Any]:
    """A thin rule that follows the pointer and tells the values under it, at about a hundred times."""
    times = np.unique(np.concatenate([c.time for c in mine] or [np.zeros(1)]))
    end = x["scale"]["domain"][1]
    times = times[times <= end][:: max(1, len(times) // 100)]
    wide = {f"s{i}": np.interp(times, c.time, c.value, left=np.nan, right=np.nan) for i, c in enumerate(mine)}
    tips = [{"field": "time", "type": "quantitative", "title": WORDS[unit], "format": ",.3~r"}]
    for i, c in enumerate(mine):
        tips.append({"field": f"s{i}", "type": "quantitative", "title": c.name or "value", "format": ",.3~r"})
    choose = {"type": "point", "on": "pointerover", "nearest": True, "clear": "pointerout"}
    here = {"param": "here", "empty": False, "value": 0.35}
    return {
        "data": inline(_frame({"time": times, **wide})),
        "params": [{"name": "here", "select": choose}],
        "mark": {"type": "rule", "color": "currentColor"},
        "encoding": {"x": x, "opacity": {"condition": here, "value": 0}, "tooltip": tips},
    }


def words(
    named: Sequence[Word], x: dict[str, Any], y: dict[str, Any], end: float, span: tuple[float, float], log: bool
) -> dict[str, Any]:
    """Words beside the lines."""
    low, high = np.log(span) if log else span
    rows = []
    for word in named:
        height = low + word.y * (high - low)
        value = float(np.exp(height) if log else height)
        rows.append({"time": word.x * end, "value": value, "text": word.text, "colour": word.colour})
    tint = {"field": "colour", "type": "nominal", "scale": None, "legend": None}
    return {
        "data": {"values": rows},
        "mark": {"type": "text", "align": "left", "baseline": "middle", "fontWeight": 600},
        "encoding": {"x": x, "y": y, "text": {"field": "text", "type": "nominal"}, "color": tint},
    }


def _unit_square(c: Curve, end: float, span: tuple[float, float], log: bool) -> Line:
    low, high = np.log(span) if log else span
    seen = np.isfinite(c.value)
    value = np.log(c.value[seen]) if log else c.value[seen]
    return Line(c.name, c.colour, c.time[seen] / end, (value - low) / (high - low))


def inline(frame: pl.DataFrame) -> dict[str, Any]:
    """A frame as text inside the picture: four digits are more than a line shows."""
    import polars.selectors as cs

    numbers = {name: "number" for name, kind in frame.schema.items() if kind.is_numeric()}
    short = frame.with_columns(cs.float().round_sig_figs(4))
    return {"values": short.write_csv(), "format": {"type": "csv", "parse": numbers}}


def stacked(
    courses: Courses | pl.DataFrame, held: Sequence[Curve], line: Curve, about: str, height: int, width: int
) -> dict[str, Any]:
    """Areas on top of each other, each with its name inside where it is thick enough, and one line with its bands."""
    areas, lines = moving(courses, held), moving(courses, [line])
    unit, end = time_axis(max((float(c.time[-1]) for c in (*areas, *lines)), default=1.0))
    everything = [_cut(c, MINUTES[unit], 1.0, end, None) for c in (*areas, *lines)]
    areas, lines = everything[: len(areas)], everything[len(areas) :]
    x, y = horizontal(unit, end), _y((0.0, 1.0), False, "1", about)
    below: Any = 0.0
    layers: list[dict[str, Any]] = []
    named: list[Line] = []
    for c in areas:
        table = _frame({"time": c.time, "value": below + c.value, "below": below + 0 * c.value})
        mark = {"type": "area", "opacity": 0.7, "clip": True, "color": c.colour}
        layers.append({"data": inline(table), "mark": mark, "encoding": {"x": x, "y": y, "y2": {"field": "below"}}})
        named.append(Line(c.name, "currentColor", c.time / end, below + c.value / 2, c.value))
        below = below + c.value
    if lines:
        named += [_unit_square(c, end, (0.0, 1.0), False) for c in lines]
        layers += [{"data": inline(_table(lines)), "layer": [*_bands(lines, x, y), _drawn(lines, x, y)]}]
    layers += [_hover(everything, x, unit), words(place(named, width, height), x, y, end, (0.0, 1.0), False)]
    return {"width": "container", "height": height, "layer": layers}


def _frame(columns: Mapping[str, Any]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(columns, nan_to_null=True)
