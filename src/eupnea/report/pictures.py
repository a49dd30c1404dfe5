"""The pictures of a report, with their captions: which signals, which arms, how large."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from eupnea import figures
from eupnea.figures import names, pathway
from eupnea.figures.layers import BANDS

from . import alive, rescue
from .material import Material
from .shown import AND, Figure, Panel

EFFECTS: Final = dict(rush="rush", euphoria="euphoria", analgesia="analgesia", pupil="diameter of the pupil")
BAND: Final = BANDS[0][0]
SIDE_BY_SIDE = 4  # arms that get pictures of their own


def drawn(material: Material) -> list[Figure]:
    courses = figures.read(material.timecourse)
    arms, shown = material.arms, material.arms[:SIDE_BY_SIDE]
    made = [
        *rescue.drawn(material, courses),
        _blood(material, courses),
        _chain(material, courses, shown),
        _by_arm(
            "At the µ-opioid receptor", figures.receptor, courses, material.drugs, shown, "mop.",
            "Share of the receptors that each ligand holds, stacked; the dashed line is the activation that follows.",
        ),
        _effects(material, courses),
        _urine(material, courses, shown),
    ]  # fmt: skip
    people = material.outcomes["people"]
    bands = " Lines are medians; the darker band holds the middle 50 % of people, the lighter the middle 90 %."
    banded = [bool(f.panels) and people > 1 and any(_has_bands(panel.spec) for panel in f.panels) for f in made]
    return [
        replace(f, caption=f.caption + (bands if has else "") + _missing(f, arms))
        for f, has in zip(made, banded, strict=True)
        if f.panels
    ]


def _missing(figure: Figure, arms: list[str]) -> str:
    """Which arms have no picture, in a figure of a picture an arm: there are too many, or nothing to draw in them."""
    labels = {name for panel in figure.panels for name in panel.arm.split(AND)}
    missing = [arm for arm in arms if arm not in labels]
    if figure.wide or not missing or labels.isdisjoint(arms):
        return ""
    return f" Not drawn: {', '.join(f'“{arm}”' for arm in missing)}."


def _has_bands(spec: Mapping[str, Any]) -> bool:
    """Whether a picture shows how people differ."""
    layers = spec.get("layer", [])
    return any(BAND in str(layer.get("encoding", {}).get("y", {})) or _has_bands(layer) for layer in layers)


def _label(arm: str, arms: list[str]) -> str:
    return arm if len(arms) > 1 else ""


def _blood(material: Material, courses: Any) -> Figure:
    """The drugs given and, of heroin, 6-MAM: arterial and venous, linear and logarithmic."""
    given = {drug for routes in material.given.values() for drug in routes} or set(material.drugs)
    shown = {"heroin", "mam"} if "heroin" in given else given
    chosen = {drug: word for drug, word in material.drugs.items() if drug in shown}
    title = " and ".join(chosen.values())
    signals = [f"{drug}{place}" for drug in chosen for place in (".arterial", ".venous")]
    panels = []
    for arm, label in _different(courses, signals, material.arms)[:SIDE_BY_SIDE]:
        for log in (False, True):
            about = f"{title} in arterial and venous plasma over time, {'logarithmic' if log else 'linear'} axis"
            panels.append(Panel(figures.blood.spec(courses, chosen, arm, log=log, width=430), about, label))
    caption = (
        "Solid: arterial plasma. Dashed: plasma of the antecubital vein. The logarithmic picture runs on for longer."
    )
    key = figures.key(courses, chosen, ".arterial")
    return Figure(f"{title[:1].upper()}{title[1:]} in blood", caption, panels if key else [], key)


def _chain(material: Material, courses: Any, arms: list[str]) -> Figure:
    """Where the body makes something of what is given: of a drug alone the picture of blood tells the same."""
    title = "The whole chain"
    caption = "Concentrations in arterial plasma on a logarithmic axis: each step lasts longer than the one before."
    given = {drug for routes in material.given.values() for drug in routes}
    made = {drug for drug, _ in figures.signals_of(courses, ".arterial", material.drugs)} - given
    if given and not made:
        return Figure(title, caption, [])
    return _by_arm(title, figures.chain, courses, material.drugs, arms, ".arterial", caption)


def _different(courses: Any, signals: list[str], arms: list[str]) -> list[tuple[str, str]]:
    """The arms that differ in some signals, each with a label that also names the arms that are like it.

    An arm that has none of them, as where nothing is given, has no picture.
    """
    alike: dict[str, list[str]] = {}
    for arm in arms:
        own = [courses.get((arm, signal)) for signal in signals]
        if all(one is None for one in own):
            continue
        for first in alike:
            if all(_same(a, courses.get((first, signal))) for a, signal in zip(own, signals, strict=True)):
                alike[first].append(arm)
                break
        else:
            alike[arm] = [arm]
    if [len(group) for group in alike.values()] == [len(arms)]:
        return [(arms[0], "the same in every arm" if len(arms) > 1 else "")]
    return [(first, AND.join(group)) for first, group in alike.items()]


def _same(a: Any, b: Any) -> bool:
    """Whether two curves would be drawn one on the other."""
    if a is None or b is None:
        return a is b
    return len(a.value) == len(b.value) and bool(abs(a.value - b.value).max() <= 2e-3 * abs(a.value).max())


def _by_arm(
    title: str, picture: figures.Picture, courses: Any, drugs: dict[str, str], arms: list[str], what: str, caption: str
) -> Figure:
    there = what.startswith(".") and figures.key(courses, drugs, what)
    key = there or [(word, figures.colour(d)) for d, word in drugs.items() if any(s == what + d for _, s in courses)]
    size = dict(height=340, width=960) if len(arms) == 1 and what != ".urine" else dict(height=300, width=430)
    signals = [drug + what if what.startswith(".") else what + drug for drug in drugs]
    panels = [
        Panel(picture.spec(courses, drugs, arm, **size), f"{title}: {caption}", _label(arm, arms))
        for arm in arms
        if any((arm, signal) in courses for signal in signals)
    ]
    return Figure(title, caption, panels if key else [], key)


def _effects(material: Material, courses: Any) -> Figure:
    """What a person would notice, as long as the heart beats: of many people that cannot be told apart."""
    arms, signals = material.arms, material.manifest.get("signals", {})
    courses, ends = alive.lines(material, courses)
    there = [name for name in EFFECTS if any(signal == name for _, signal in courses)]
    panels = [
        Panel(figures.effect.spec(courses, name, arms, EFFECTS[name], width=430), f"{EFFECTS[name]} over time")
        for name in there
    ]
    lines = [signals.get(name, {}).get("title", "") for name in there]
    told = " ".join(f"{line[0].upper()}{line[1:].rstrip('.')}." for line in lines if line)
    caption = (told or "What the person would notice, minute by minute.") + ends
    key = [(arm, tint) for arm, (tint, _) in zip(arms, figures.looks(len(arms)), strict=True)] if len(arms) > 1 else []
    always = len(arms) > figures.MOST_WORDS
    return Figure("Effects", caption, panels, key, always)


def _urine(material: Material, courses: Any, arms: list[str]) -> Figure:
    """Concentrations in urine, and what of the dose has passed into it by the end."""
    import polars as pl

    base = _by_arm("Urine", figures.urine, courses, material.drugs, arms, ".urine", "")
    rows = []
    for arm in arms:
        for flow in material.flows(arm):
            (drug, _), (_, place) = names.ends_of(flow)
            if place == "bladder" and flow["total"] > 0:
                said = f"{names.percent(flow['share'])}, {names.amount(flow['total'])}" + (
                    f", {arm}" if len(arms) > 1 else ""
                )
                rows.append({"drug": drug, "arm": arm, "share": flow["share"], "words": said})
    if not rows:
        return base
    there = {row["drug"] for row in rows}
    drugs = {drug: word for drug, word in material.drugs.items() if drug in there}
    bars = Panel(figures.amounts.spec(pl.DataFrame(rows), drugs), "Amounts passed into urine by the end of the run")
    caption = "Concentrations in urine, and what of the dose had passed into urine by the end of the run, by moles."
    return Figure("Urine", caption, [*base.panels, bars], base.key)


def pathways(material: Material) -> list[dict[str, Any]]:
    """The drawing of each arm, and the same as rows of a table."""
    sheets = []
    for arm in material.arms[:SIDE_BY_SIDE]:
        given, flows = material.given.get(arm, {}), material.flows(arm)
        svg = pathway.drawing(flows, material.drugs, given, figures.COLOURS, f"Pathway of this run, {arm}")
        if not svg:
            continue
        rows = [
            {
                "from": _place(flow, 0, material.drugs), "to": _place(flow, 1, material.drugs),
                "by": names.name_of(flow), "amount": names.amount(abs(flow["total"])),
                "share": names.percent(flow["share"]),
            }
            for flow in flows
            if flow["share"] >= pathway.LEAST
        ]  # fmt: skip
        sheets.append({"arm": _label(arm, material.arms), "svg": svg, "rows": rows})
    return sheets


def _place(flow: Mapping[str, Any], end: int, drugs: Mapping[str, str]) -> str:
    drug, place = names.ends_of(flow)[end]
    return f"{drugs.get(drug, drug)}, {names.PLACES.get(place, place.replace('_', ' '))}"
