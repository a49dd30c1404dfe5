"""The report of a run: one HTML file that opens anywhere, asks nothing of the network, and computes nothing.

It lays out what a run's folder holds (outcomes.json, timecourse.parquet, scenario.toml, manifest.json), so that
`eupnea report DIR` makes it again.  Pictures come from figures as Vega-Lite and are drawn by the reader's browser.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eupnea import figures
from eupnea.figures import pathway
from eupnea.printing import HELP_LINE

from . import bundle, words, works

if TYPE_CHECKING:
    import polars as pl

    from eupnea.job import Run

TEMPLATES = Path(__file__).parent.parent / "templates"
GRADES = ("measured", "fitted", "derived", "borrowed", "assumed")
EFFECTS: Final = dict(rush="rush", euphoria="euphoria", analgesia="analgesia", pupil="diameter of the pupil")
SIDE_BY_SIDE = 4  # arms that get pictures of their own
LISTED = 100  # failures that are listed one by one


@dataclass(frozen=True)
class Material:
    """What a run's folder stores, and all that its report shows."""

    scenario: str  # scenario.toml
    outcomes: Mapping[str, Any]  # outcomes.json
    timecourse: pl.DataFrame
    manifest: Mapping[str, Any]

    @property
    def arms(self) -> list[str]:
        return [*self.outcomes["arms"]]

    @property
    def drugs(self) -> dict[str, str]:
        """The drugs of this run and the short word for each."""
        return {name: words.drug(name, about.get("title")) for name, about in self.manifest.get("drugs", {}).items()}

    @property
    def given(self) -> Mapping[str, Mapping[str, Mapping[str, float]]]:
        """arm -> drug -> route -> nmol"""
        found: Mapping[str, Any] = self.manifest.get("given", {})
        return found

    def flows(self, arm: str) -> list[dict[str, Any]]:
        """The flows of one arm, `total` in nmol."""
        return [
            {**flow, "total": flow["total"][arm]}
            for flow in self.manifest.get("flows", [])
            if flow.get("from") and flow["total"].get(arm) is not None
        ]


@dataclass(frozen=True)
class Panel:
    """One picture of a figure."""

    spec: Mapping[str, Any]
    about: str  # for those who do not see it
    arm: str = ""


@dataclass(frozen=True)
class Figure:
    """Pictures that belong together, under one heading."""

    title: str
    caption: str
    panels: list[Panel]
    key: list[tuple[str, str]] = field(default_factory=list)


def of_run(run: Run) -> Material:
    from eupnea import folder

    return Material(run.scenario.text, folder.outcomes(run), run.timecourse(), run.manifest)


def of_folder(folder: Path) -> Material:
    import polars as pl

    def read(name: str) -> str:
        return (folder / name).read_text(encoding="utf-8")

    frame = pl.read_parquet(folder / "timecourse.parquet")
    return Material(read("scenario.toml"), json.loads(read("outcomes.json")), frame, json.loads(read("manifest.json")))


def write(source: Run | Path, path: Path | None = None) -> Path:
    """Write the report of a run, or of a run's folder (there, if no path is said), and give its path."""
    material = of_folder(source) if isinstance(source, Path) else of_run(source)
    place = path or (source / "report.html" if isinstance(source, Path) else Path("report.html"))
    working = place.with_name(f".{place.name}.unfinished")
    working.write_text(render(material), encoding="utf-8")
    working.replace(place)
    return place


def render(material: Material) -> str:
    """The report as one HTML text."""
    from jinja2 import Environment, FileSystemLoader

    from eupnea.core.native import cache_folder

    tools = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    tools.filters |= dict(number=words.number, unit=words.unit, amount=pathway.amount)
    scenario = tomllib.loads(material.scenario)
    drawn = _figures(material)
    specs = [dict(panel.spec) for figure in drawn for panel in figure.panels]
    numbers: list[Mapping[str, Any]] = [*material.manifest.get("numbers", [])]
    cited = _cited(material.manifest.get("sources", {}))
    sentence, counts = words.grades(numbers, GRADES)
    return tools.get_template("report.html").render(
        title=material.outcomes.get("scenario") or scenario.get("title") or "A run",
        asked=words.asked(scenario, material.drugs),
        scenario=material.scenario,
        outcomes=material.outcomes,
        table=_table(material.outcomes),
        manifest=material.manifest,
        warnings=material.manifest.get("warnings", []),
        failures=material.manifest.get("failures", [])[:LISTED],
        failed=sum(arm["failures"] for arm in material.outcomes["arms"].values()),
        figures=drawn,
        pathways=_pathways(material),
        sentence=sentence,
        counts=counts,
        numbers=_grouped(numbers, material.manifest.get("drugs", {}), cited),
        works=sorted((work for work in cited.values()), key=lambda work: work["line"][0].lower()),
        help=HELP_LINE,
        vega=bundle.javascript(cache_folder()) if specs else "",
        specs=_for_script(specs),
        config=_for_script(dict(figures.CONFIG)),
    )


def _for_script(content: Any) -> str:
    """JSON that cannot end the script it stands in."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


# --- tables ---------------------------------------------------------------------------------------------------------


def _table(outcomes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row an outcome, one cell an arm."""
    arms = outcomes["arms"]
    names = dict.fromkeys(name for arm in arms.values() for name in arm["outcomes"])
    return [{"name": name, "cells": [_cell(arm["outcomes"].get(name), outcomes["people"]) for arm in arms.values()]}
            for name in names]  # fmt: skip


def _cell(outcome: Mapping[str, Any] | None, people: int) -> dict[str, str]:
    if outcome is None or outcome["value"] is None:
        return {"value": "–", "range": "", "note": "does not occur" if outcome else ""}
    own, kind = outcome["unit"], outcome["kind"]
    low, high = outcome["low"], outcome["high"]
    span = ""
    if low is not None and high is not None:
        scale = 100 if kind == "share" else 1
        span = f"{words.number(scale * low)} – {words.number(scale * high)}"
    missing = people - outcome["n"] if kind == "quantity" else 0
    note = f"in {words.number(outcome['n'], 9)} of {words.number(people, 9)}" if missing and people > 1 else ""
    return {"value": words.measured(outcome["value"], own, kind), "range": span, "note": note}


def _cited(sources: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for key, entry in sources.items():
        work = works.fields(entry)
        doi = work.get("doi", "")
        found[key] = {
            "key": key,
            "short": works.short(work),
            "line": works.line(work),
            "doi": doi,
            "note": work.get("note", ""),
        }
    return found


def _grouped(
    numbers: Iterable[Mapping[str, Any]], drugs: Mapping[str, Any], cited: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Numbers by drug (or the body) and, within, by process."""
    groups: dict[str, dict[str, Any]] = {}
    for row in numbers:
        owner, _, rest = str(row["quantity"]).partition(".")
        if owner not in drugs:
            owner, rest = "", str(row["quantity"])
        title = words.drug(owner, drugs[owner].get("title")) if owner else "The body"
        group = groups.setdefault(owner, {"title": title, "processes": {}, "count": 0})
        process, _, name = rest.partition(".")
        work = cited.get(row.get("source", ""))
        shown = {**row, "name": name or process, "work": work, "value": words.measured(row["value"], row["unit"])}
        group["processes"].setdefault(process.replace("_", " "), []).append(shown)
        group["count"] += 1
    body = [groups.pop("")] if "" in groups else []
    return [groups[name] for name in drugs if name in groups] + body


# --- pictures -------------------------------------------------------------------------------------------------------


def _figures(material: Material) -> list[Figure]:
    courses = figures.read(material.timecourse)
    arms = material.arms if len(material.arms) > 1 else [material.arms[0]]
    shown = arms[:SIDE_BY_SIDE]
    made = [
        _blood(material, courses, shown),
        _by_arm(
            "The whole chain", figures.chain, courses, material.drugs, shown, ".arterial",
            "Concentrations in arterial plasma on a logarithmic axis: each step lasts longer than the one before.",
        ),
        _by_arm(
            "At the µ-opioid receptor", figures.receptor, courses, material.drugs, shown, "mop.",
            "Share of the receptors that each ligand holds, stacked; the dashed line is the activation that follows.",
        ),
        _effects(courses, arms, material.manifest.get("signals", {})),
        _urine(material, courses, shown),
    ]  # fmt: skip
    people = material.outcomes["people"]
    bands = " Lines are medians; the darker band holds the middle 50 % of people, the lighter the middle 90 %."
    return [
        Figure(f.title, f.caption + (bands if people > 1 and "by moles" not in f.caption else ""), f.panels, f.key)
        for f in made
        if f.panels
    ]


def _label(arm: str, arms: list[str]) -> str:
    return arm if len(arms) > 1 else ""


def _blood(material: Material, courses: Any, arms: list[str]) -> Figure:
    """The drugs given and, of heroin, 6-MAM: arterial and venous, linear and logarithmic."""
    given = {drug for routes in material.given.values() for drug in routes} or set(material.drugs)
    chosen = {d: word for d, word in material.drugs.items() if d in given or (d == "mam" and "heroin" in given)}
    panels = []
    for arm in arms:
        for log in (False, True):
            about = f"{' and '.join(chosen.values())} in arterial and venous plasma over time, {'logarithmic' if log else 'linear'} axis"
            spec = figures.blood.spec(courses, chosen, arm, log=log)
            panels.append(Panel(spec, about, _label(arm, arms)))
    names = " and ".join(chosen.values())
    caption = (
        "Solid: arterial plasma. Dashed: plasma of the antecubital vein. The logarithmic picture runs on for longer."
    )
    key = figures.key(courses, chosen, ".arterial")
    return Figure(f"{names} in blood", caption, panels if key else [], key)


def _by_arm(
    title: str, picture: figures.Picture, courses: Any, drugs: dict[str, str], arms: list[str], what: str, caption: str
) -> Figure:
    there = what.startswith(".") and figures.key(courses, drugs, what)
    key = there or [(word, figures.colour(d)) for d, word in drugs.items() if any(s == what + d for _, s in courses)]
    tall = 340 if len(arms) == 1 else 300
    panels = [
        Panel(picture.spec(courses, drugs, arm, height=tall), f"{title}: {caption}", _label(arm, arms)) for arm in arms
    ]
    return Figure(title, caption, panels if key else [], key)


def _effects(courses: Any, arms: list[str], signals: Mapping[str, Any]) -> Figure:
    there = [name for name in EFFECTS if any(signal == name for _, signal in courses)]
    panels = [
        Panel(figures.effect.spec(courses, name, arms, EFFECTS[name]), f"{EFFECTS[name]} over time") for name in there
    ]
    lines = [signals.get(name, {}).get("title", "") for name in there]
    caption = " ".join(f"{line[0].upper()}{line[1:].rstrip('.')}." for line in lines if line)
    return Figure("Effects", caption or "What the person would notice, minute by minute.", panels)


def _urine(material: Material, courses: Any, arms: list[str]) -> Figure:
    """Concentrations in urine, and what of the dose has passed into it by the end."""
    import polars as pl

    base = _by_arm("Urine", figures.urine, courses, material.drugs, arms, ".urine", "")
    rows = []
    for arm in arms:
        dose = sum(sum(routes.values()) for routes in material.given.get(arm, {}).values())
        for flow in material.flows(arm):
            (drug, _), (_, place) = pathway.ends_of(flow)
            if place == "bladder" and dose > 0 and flow["total"] > 0:
                share = flow["total"] / dose
                said = f"{pathway.percent(share)}, {pathway.amount(flow['total'])}" + (
                    f", {arm}" if len(arms) > 1 else ""
                )
                rows.append({"drug": drug, "arm": arm, "share": share, "words": said})
    if not rows:
        return base
    there = {row["drug"] for row in rows}
    drugs = {drug: word for drug, word in material.drugs.items() if drug in there}
    bars = Panel(figures.amounts.spec(pl.DataFrame(rows), drugs), "Amounts passed into urine by the end of the run")
    caption = "Concentrations in urine, and what of the dose had passed into urine by the end of the run, by moles."
    return Figure("Urine", caption, [*base.panels, bars], base.key)


def _pathways(material: Material) -> list[dict[str, Any]]:
    """The drawing of each arm, and the same as rows of a table."""
    drawn = []
    for arm in material.arms[:SIDE_BY_SIDE]:
        given, flows = material.given.get(arm, {}), material.flows(arm)
        dose = sum(sum(routes.values()) for routes in given.values())
        svg = pathway.drawing(flows, material.drugs, given, figures.COLOURS, f"Pathway of this run, {arm}")
        if not svg:
            continue
        rows = [
            {
                "from": _place(flow, 0, material.drugs), "to": _place(flow, 1, material.drugs),
                "by": pathway.name_of(flow), "amount": pathway.amount(abs(flow["total"])),
                "share": pathway.percent(abs(flow["total"]) / dose),
            }
            for flow in flows
            if dose and abs(flow["total"]) / dose >= pathway.LEAST
        ]  # fmt: skip
        drawn.append({"arm": _label(arm, material.arms), "svg": svg, "rows": rows})
    return drawn


def _place(flow: Mapping[str, Any], end: int, drugs: Mapping[str, str]) -> str:
    drug, place = pathway.ends_of(flow)[end]
    return f"{drugs.get(drug, drug)}, {pathway.PLACES.get(place, place.replace('_', ' '))}"
