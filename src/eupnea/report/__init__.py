"""The report of a run: one HTML file that opens anywhere, asks nothing of the network, and computes nothing.

It lays out what a run's folder holds (outcomes.json, timecourse.parquet, scenario.toml, manifest.json, and
sensitivity.json where that was asked), so that `eupnea report DIR` makes it again.  Pictures come from figures as
Vega-Lite and are drawn by the reader's browser.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eupnea import figures, works
from eupnea.notice import HELP_LINE, limits

from . import bundle, pictures, rescue, shares, words
from .material import Material, of_folder, of_run

if TYPE_CHECKING:
    from jinja2 import Template

    from eupnea.job import Run

TEMPLATES = Path(__file__).parent.parent / "templates"
__all__ = ["Material", "of_folder", "of_run", "render", "write"]

GRADES = ("measured", "fitted", "derived", "borrowed", "assumed")
LISTED = 100  # failures that are listed one by one


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
    from eupnea.core.objects import cache_folder

    cache = cache_folder()
    scenario = tomllib.loads(material.scenario)
    drawn = pictures.drawn(material)
    specs = [dict(panel.spec) for figure in drawn for panel in figure.panels]
    matters = shares.outcomes(material.sensitivity) if material.sensitivity is not None else []
    for outcome in matters:  # in the order in which the page asks for them
        specs += [spec for spec in (outcome["spans"], *(part["spec"] for part in outcome["parts"])) if spec]
    numbers: list[Mapping[str, Any]] = [*material.manifest.get("numbers", [])]
    cited = _cited(material.manifest.get("sources", {}))
    sentence, counts = words.grades(numbers, GRADES)
    return drawn_page(cache).render(
        title=material.outcomes.get("scenario") or scenario.get("title") or "A run",
        asked=words.asked(scenario, material.drugs, material.manifest.get("processes", {})),
        scenario=material.scenario,
        outcomes=material.outcomes,
        table=_table(material.outcomes, material.manifest.get("asked", {})),
        contrasts=rescue.table(material),
        compared=rescue.compared(material),
        manifest=material.manifest,
        warnings=material.manifest.get("warnings", []),
        failures=material.manifest.get("failures", [])[:LISTED],
        failed=sum(arm["failures"] for arm in material.outcomes["arms"].values()),
        figures=drawn,
        pathways=pictures.pathways(material),
        sensitivity=material.sensitivity,
        matters=matters,
        ordered=shares.ordered(material.sensitivity or {}),
        sentence=sentence,
        counts=counts,
        numbers=_grouped(numbers, material.manifest.get("drugs", {}), cited),
        works=sorted((work for work in cited.values()), key=lambda work: work["line"][0].lower()),
        help=HELP_LINE,
        limits=limits(material.outcomes["model"]),
        css=(TEMPLATES / "report.css").read_text(encoding="utf-8"),
        vega=bundle.javascript(cache) if specs else "",
        specs=for_script(specs),
        config=for_script(dict(figures.CONFIG)),
    )


def drawn_page(cache: Path | None, name: str = "report.html") -> Template:
    """A page, compiled once and kept in the user's cache."""
    from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader

    kept = FileSystemBytecodeCache(str(cache), "report-%s.cache") if cache else None
    loader = FileSystemLoader(TEMPLATES)
    tools = Environment(loader=loader, bytecode_cache=kept, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    tools.filters |= dict(number=words.number)
    return tools.get_template(name)


def for_script(content: Any) -> str:
    """JSON that cannot end the script it stands in."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


# --- tables ---------------------------------------------------------------------------------------------------------


def _table(outcomes: Mapping[str, Any], titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """One row an outcome, with what it is about, one cell an arm."""
    arms = outcomes["arms"]
    names = dict.fromkeys(name for arm in arms.values() for name in arm["outcomes"])
    people = outcomes["people"]
    return [
        {
            "name": name, "title": titles.get(name, ""),
            "cells": [_cell(arm["outcomes"].get(name), people) for arm in arms.values()],
        }
        for name in names
    ]  # fmt: skip


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
