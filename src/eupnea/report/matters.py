"""The page of a sensitivity: which numbers decide each outcome.  Nothing is computed here."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eupnea import figures
from eupnea.notice import HELP_LINE, limits

from . import TEMPLATES, bundle, drawn_page, for_script, shares, words


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
    parts = shares.parts(document)
    specs = [part["spec"] for part in parts if part["spec"]]
    numbers = [dict(name=name, **each) for name, each in document["numbers"].items()]
    return drawn_page(cache, "sensitivity.html").render(
        document=document,
        title=document["scenario"] or "A scenario",
        asked=words.asked(tomllib.loads(scenario), {}),
        parts=parts,
        ordered=shares.ordered(document),
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
