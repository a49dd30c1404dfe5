"""One function for each kind of picture: the same in notebook, report and docs.

A picture takes the long frame of a run's time courses (arm, signal, time [min], unit, value or q05 q25 q50 q75 q95):

    figures.chain(run.timecourse(), drugs)          an Altair chart
    figures.chain.spec(run.timecourse(), drugs)     the same as a plain Vega-Lite dictionary

The report takes the dictionaries: importing Altair and checking its charts would cost more than the run itself.
`drugs` maps the names of drugs to the words for them, in the order in which they are drawn.
Colours are Okabe and Ito's, which colour-blind readers tell apart; line styles and words beside the lines say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from . import rescue
from .layers import Courses, Curve, curves, inline, read, signals_of, stacked

if TYPE_CHECKING:
    import altair
    import polars as pl

    Frame = Courses | pl.DataFrame

__all__ = [
    "CONFIG",
    "Picture",
    "amounts",
    "blood",
    "chain",
    "colour",
    "effect",
    "forest",
    "key",
    "looks",
    "matters",
    "read",
    "receptor",
    "spans",
    "survival",
    "timeline",
    "urine",
]

BLUE, RED, GREEN, PURPLE, ORANGE, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"
GREY, VIOLET, BROWN = "#8A8A8A", "#7A68A6", "#8C510A"
COLOURS: Final = dict(
    heroin=BLUE, mam=RED, morphine=GREEN, m3g=PURPLE, m6g=ORANGE, codeine=SKY, acetylcodeine=GREY, naloxone=VIOLET,
    nalmefene=VIOLET, naltrexone=VIOLET, fentanyl=SKY, carfentanil=SKY, remifentanil=SKY, sufentanil=SKY,
    alfentanil=SKY, methadone=GREEN, buprenorphine=ORANGE,
)  # fmt: skip
GRADES: Final = dict(measured="#0b4f7d", fitted="#3f86b5", derived="#8fbcd9", borrowed="#e0b25a", assumed=RED)
ARM_COLOURS = (BLUE, RED, GREEN, PURPLE, ORANGE, SKY, GREY, VIOLET, BROWN)
ARM_DASHES = ((1, 0), (7, 3), (2, 2), (8, 3, 2, 3), (12, 4), (4, 2, 1, 2))
MOST_WORDS: Final = 5  # lines of one small picture that find room for their names; of more a key tells
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
CONFIG: Final = {
    "background": "transparent",
    "font": "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
    "padding": {"left": 2, "right": 14, "top": 6, "bottom": 2},
    "view": {"stroke": None},
    "axis": {
        "domainColor": "#8886",
        "tickColor": "#8886",
        "gridColor": "#8883",
        "labelColor": "currentColor",
        "titleColor": "currentColor",
        "labelFontSize": 12.5,
        "titleFontSize": 12.5,
        "titleFontWeight": "normal",
        "labelPadding": 5,
        "titlePadding": 8,
        "tickSize": 4,
    },
    "axisX": {"grid": False},
    "axisY": {
        "domain": False,
        "ticks": False,
        "titleAngle": 0,
        "titleAlign": "left",
        "titleAnchor": "end",
        "titleBaseline": "bottom",
        "titleX": 0,
        "titleY": -10,
    },
    "line": {"strokeWidth": 2, "strokeCap": "butt", "strokeJoin": "round"},
    "text": {"fontSize": 13},
}


@dataclass(frozen=True)
class Picture:
    """A kind of picture. Called, it gives an Altair chart; `spec` gives the dictionary that the chart is made of."""

    spec: Callable[..., dict[str, Any]]

    def __call__(self, *args: Any, **settings: Any) -> altair.Chart:
        import altair

        spec = self.spec(*args, **settings)
        return altair.Chart.from_dict(spec | {"$schema": SCHEMA, "width": 640, "config": dict(CONFIG)})


def colour(drug: str) -> str:
    return COLOURS.get(drug, GREY)


def looks(count: int) -> list[tuple[str, tuple[int, ...]]]:
    """Colours and line styles of so many arms."""
    return [(ARM_COLOURS[i % len(ARM_COLOURS)], ARM_DASHES[i % len(ARM_DASHES)]) for i in range(count)]


def key(frame: Frame, drugs: Mapping[str, str], ending: str) -> list[tuple[str, str]]:
    """(name, colour) of the drugs that a picture shows: a key for where the words inside it find no room."""
    return [(drugs[drug], colour(drug)) for drug, _ in signals_of(frame, ending, drugs)]


timeline = Picture(rescue.timeline)
survival = Picture(rescue.survival)
forest = Picture(rescue.forest)


@Picture
def blood(
    frame: Frame,
    drugs: Mapping[str, str],
    arm: str | None = None,
    log: bool = False,
    height: int = 300,
    width: int = 640,
) -> dict[str, Any]:
    """Arterial (solid) and venous (dashed) concentrations: heroin blue and 6-MAM red."""
    wanted = [
        Curve(signal, f"{drugs[drug]}, {word}", colour(drug), dash, arm)
        for word, dash in (("arterial", (1, 0)), ("venous", (6, 3)))
        for drug, signal in signals_of(frame, f".{word}", drugs)
    ]
    return curves(
        frame, wanted, "concentration in plasma", log=log, height=height, width=width, until=1e-4 if log else 0.01
    )


@Picture
def chain(
    frame: Frame, drugs: Mapping[str, str], arm: str | None = None, height: int = 340, width: int = 640
) -> dict[str, Any]:
    """A drug and all that the body makes of it, in arterial plasma, on a logarithmic axis."""
    wanted = [Curve(s, drugs[d], colour(d), arm=arm) for d, s in signals_of(frame, ".arterial", drugs)]
    return curves(frame, wanted, "concentration in arterial plasma", log=True, height=height, width=width)


@Picture
def urine(
    frame: Frame, drugs: Mapping[str, str], arm: str | None = None, height: int = 300, width: int = 640
) -> dict[str, Any]:
    """Concentrations in urine, on a logarithmic axis."""
    wanted = [Curve(s, drugs[d], colour(d), arm=arm) for d, s in signals_of(frame, ".urine", drugs)]
    return curves(frame, wanted, "concentration in urine", log=True, height=height, width=width, decades=5)


@Picture
def effect(
    frame: Frame, signal: str, arms: Sequence[str] = (), about: str = "", height: int = 210, width: int = 640
) -> dict[str, Any]:
    """One signal over time, each arm in its own colour and line style."""
    wanted = [Curve(signal, "", "currentColor", arm=arms[0] if arms else None)]
    if len(arms) > 1:
        wanted = [Curve(signal, arm, *look, arm) for arm, look in zip(arms, looks(len(arms)), strict=True)]
    fade = 0.6 if len(arms) > 2 else 1.0
    named = len(arms) <= MOST_WORDS
    return curves(frame, wanted, about, height=height, width=width, until=0.02, fade=fade, named=named)


@Picture
def receptor(
    frame: Frame,
    drugs: Mapping[str, str],
    arm: str | None = None,
    site: str = "mop",
    height: int = 300,
    width: int = 640,
) -> dict[str, Any]:
    """How much of a receptor each ligand holds (stacked), and the activation that follows (line)."""
    held = [Curve(f"{site}.{drug}", name, colour(drug), arm=arm) for drug, name in drugs.items()]
    active = Curve(f"{site}.activation", "activation", "currentColor", (5, 2), arm)
    return stacked(frame, held, active, "share of receptors bound, and activation", height, width)


@Picture
def amounts(frame: pl.DataFrame, drugs: Mapping[str, str], height: int = 34) -> dict[str, Any]:
    """Bars of an amount by drug: a frame of drug, arm, share (of the dose) and words (what the bar says)."""
    arms = frame["arm"].unique(maintain_order=True).to_list()
    tint = {"domain": [*drugs.values()], "range": [colour(drug) for drug in drugs]}
    axis = {"domain": False, "ticks": False}
    most = (1.4 if len(arms) == 1 else 1.9) * float(frame["share"].max() or 1.0)  # type: ignore[arg-type]  # room for the words
    place_of: dict[str, Any] = {
        "y": {"field": "name", "type": "nominal", "sort": [*drugs.values()], "title": None, "axis": axis},
        "x": {
            "field": "share",
            "type": "quantitative",
            "title": "passed into urine, of the dose by moles",
            "axis": {"format": "%", "tickCount": 5},
            "scale": {"domain": [0, most], "nice": False},
        },
    }
    if len(arms) > 1:
        place_of["yOffset"] = {"field": "arm", "type": "nominal", "sort": arms}
    bar = {
        "mark": {"type": "bar", "cornerRadiusEnd": 2, "opacity": 0.85},
        "encoding": {"color": {"field": "name", "type": "nominal", "scale": tint, "legend": None}},
    }
    said = {
        "mark": {"type": "text", "align": "left", "dx": 5, "color": "currentColor", "clip": False},
        "encoding": {"text": {"field": "words", "type": "nominal"}},
    }
    named = frame.with_columns(name=frame["drug"].replace_strict(dict(drugs), default=None))
    step = {"step": height if len(arms) == 1 else 20}
    return dict(width="container", height=step, data=inline(named), encoding=place_of, layer=[bar, said])


@Picture
def matters(frame: pl.DataFrame, height: int = 26) -> dict[str, Any]:
    """How much of a variance each number accounts for: a frame of name, grade, first, total, low, high and words.

    Pale: with all that it does together with others, and the 95 % interval of that; full: alone.
    """
    order, grades = frame["name"].to_list(), [g for g in GRADES if g in set(frame["grade"])]
    tint = {"domain": [*grades, "others"], "range": [*(GRADES[g] for g in grades), GREY]}
    most = 1.2 * max(float(frame["high"].max() or 0.0), 0.1)  # type: ignore[arg-type]  # room for the words
    axis = {"domain": False, "ticks": False, "labelLimit": 330}
    y = {"field": "name", "type": "nominal", "sort": order, "title": None, "axis": axis}
    colour = {"field": "grade", "type": "nominal", "scale": tint, "legend": None}

    def x(field: str) -> dict[str, Any]:
        scale = {"domain": [0, most], "nice": False}
        title = "of the variance: alone (full), with others (pale), 95 % (line)"
        axis = {"format": "%", "tickCount": 5}
        return {"field": field, "type": "quantitative", "title": title, "scale": scale, "axis": axis, "stack": None}

    bars = [
        {
            "mark": {"type": "bar", "height": {"band": band}, "opacity": opacity, "cornerRadiusEnd": 2, "clip": True},
            "encoding": {"x": x(field), "y": y, "color": colour},
        }
        for field, band, opacity in (("total", 0.72, 0.35), ("first", 0.36, 1.0))
    ]
    rule = {
        "mark": {"type": "rule", "color": "currentColor"},
        "encoding": {"x": x("low"), "x2": {"field": "high"}, "y": y},
    }
    said = {
        "mark": {"type": "text", "align": "left", "dx": 6, "color": "currentColor", "fontSize": 11.5},
        "encoding": {"x": x("high"), "y": y, "text": {"field": "words", "type": "nominal"}},
    }
    return dict(width="container", height={"step": height}, data=inline(frame), layer=[*bars, rule, said])


SPANS: Final = {"between people": GREEN, "what is not known": VIOLET}  # no colours of grades


@Picture
def spans(frame: pl.DataFrame, height: int = 30) -> dict[str, Any]:
    """How far an outcome reaches between people, and in what is not known: a frame of arm, what, low, median, high."""
    arms, unit = frame["arm"].unique(maintain_order=True).to_list(), frame["unit"][0]
    tint = {"domain": [*SPANS], "range": [*SPANS.values()]}
    axis = {"domain": False, "ticks": False, "labelLimit": 330}
    y = {"field": "arm" if len(arms) > 1 else "what", "type": "nominal", "title": None, "axis": axis, "sort": None}
    x = {"field": "low", "type": "quantitative", "title": unit, "scale": {"zero": False}, "axis": {"tickCount": 6}}
    place: dict[str, Any] = {"y": y, "color": {"field": "what", "type": "nominal", "scale": tint, "legend": None}}
    if len(arms) > 1:
        place["yOffset"] = {"field": "what", "type": "nominal", "sort": [*SPANS]}
    bar = {"mark": {"type": "rule", "strokeWidth": 5, "opacity": 0.55}, "encoding": {"x": x, "x2": {"field": "high"}}}
    middle = {
        "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1},
        "encoding": {"x": {**x, "field": "median"}},
    }
    return dict(
        width="container", height={"step": height if len(arms) == 1 else 15}, data=inline(frame), encoding=place,
        layer=[bar, middle],
    )  # fmt: skip
