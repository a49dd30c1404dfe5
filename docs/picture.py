"""Draws the pictures of the docs with the project's own figures: `make picture`, after any change of numbers."""

import re
from pathlib import Path

import polars as pl
import vl_convert

import eupnea
from eupnea import figures
from eupnea.report import shares
from eupnea.sensitivity import sensitivity


def injection(minutes: float = 30.0) -> dict:
    """Heroin and 6-MAM in arterial and venous plasma after one injection."""
    courses = eupnea.run("iv_heroin").timecourse().filter(pl.col("time") <= minutes)
    return figures.blood.spec(courses, {"heroin": "heroin", "mam": "6-MAM"}, height=320)


def matter(outcome: str = "cmax(morphine.arterial) in ng/mL") -> dict:
    """Which numbers the peak of morphine after one injection depends on."""
    found = sensitivity("iv_heroin", outcomes=[outcome]).document["arms"]["all"]["outcomes"][outcome]
    rows = [row for row in found["numbers"] if row["total"] is not None]
    return figures.matters.spec(shares.picture_of(rows, found["others"]))


def drawn(spec: dict) -> str:
    """A picture as SVG."""
    ink = {"labelColor": "#333", "titleColor": "#333"}  # a file in a page has no colour of its own to inherit
    dress = {"background": "white", "padding": 16, "font": "sans-serif", "axis": figures.CONFIG["axis"] | ink}
    spec = spec | {"$schema": figures.SCHEMA, "width": 640, "config": figures.CONFIG | dress}
    svg = vl_convert.vegalite_to_svg(spec)
    return re.sub(r"\d+\.\d{2,}", lambda number: f"{float(number.group()):.1f}", svg)  # a tenth of a pixel will do


if __name__ == "__main__":
    for name, spec in (("one_injection", injection), ("sensitivity", matter)):
        place = Path(__file__).with_name(f"{name}.svg")
        place.write_text(drawn(spec()), encoding="utf-8")
        print(place)
