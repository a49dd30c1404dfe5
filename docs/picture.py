"""Draws docs/one_injection.svg with the project's own figures: `make picture`, after any change of numbers."""

import re
from pathlib import Path

import polars as pl
import vl_convert

import eupnea
from eupnea import figures

PLACE = Path(__file__).with_name("one_injection.svg")


def picture(minutes: float = 30.0) -> str:
    """Heroin and 6-MAM in arterial and venous plasma after one injection, as SVG."""
    courses = eupnea.run("iv_heroin").timecourse().filter(pl.col("time") <= minutes)
    ink = {"labelColor": "#333", "titleColor": "#333"}  # a file in a page has no colour of its own to inherit
    dress = {"background": "white", "padding": 16, "font": "sans-serif", "axis": figures.CONFIG["axis"] | ink}
    spec = figures.blood.spec(courses, {"heroin": "heroin", "mam": "6-MAM"}, height=320)
    spec |= {"$schema": figures.SCHEMA, "width": 640, "config": figures.CONFIG | dress}
    svg = vl_convert.vegalite_to_svg(spec)
    return re.sub(r"\d+\.\d{2,}", lambda number: f"{float(number.group()):.1f}", svg)  # a tenth of a pixel will do


if __name__ == "__main__":
    PLACE.write_text(picture(), encoding="utf-8")
    print(PLACE)
