"""Draws docs/speed.svg and fills the tables of docs/speed.md from the newest results in benchmarks/results.

After `make bench`: `python docs/speed.py`.
"""

import json
import re
from pathlib import Path

import vl_convert

from eupnea import figures

HERE = Path(__file__).parent
RESULTS = HERE.parent / "benchmarks" / "results"
PLACE, PAGE = HERE / "speed.svg", HERE / "speed.md"
BEGIN, END = "<!-- measured -->", "<!-- end -->"
NAMES = {
    "eupnea": "Eupnea",
    "LSODA": "LSODA, exact Jacobian",
    "CVODE": "CVODE, exact Jacobian",
    "LSODA as mostly used": "LSODA, solve_ivp",
}
COLOURS = (figures.BLUE, figures.ORANGE, figures.GREEN, figures.GREY)


def newest() -> dict:
    """The last results that hold all that is drawn."""
    found = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(RESULTS.glob("*-engine.json"))]
    return [one for one in found if {"opponents", "bench"} <= set(one)][-1]


def axis(title: str, values: list[float] | None = None) -> dict:
    return {"title": title, "grid": True} | ({"values": values} if values else {})


def duel(rows: list[dict]) -> dict:
    """Time against error, a point for each tolerance."""
    points = [
        dict(solver=NAMES[row["solver"]], error=row["errors"][0], ms=row["ms"], tolerance=row["tolerance"])
        for row in rows
    ]
    scale = {"type": "log"}
    colour = {
        "field": "solver",
        "type": "nominal",
        "scale": {"domain": list(NAMES.values()), "range": list(COLOURS)},
        "legend": {"title": None, "orient": "bottom", "columns": 2},
    }
    encoding = {
        "x": {"field": "error", "type": "quantitative", "scale": scale,
              "axis": axis("largest error of PaO2 [mmHg]", [1e-4, 1e-3, 1e-2, 1e-1])},
        "y": {"field": "ms", "type": "quantitative", "scale": scale,
              "axis": axis("ms of one processor for a person", [0.3, 1, 3, 10, 30])},
        "color": colour,
        "order": {"field": "tolerance", "type": "quantitative"},
    }  # fmt: skip
    allowed = {"data": {"values": [{"error": 0.05}]}, "mark": {"type": "rule", "strokeDash": [4, 3], "color": "#666"},
               "encoding": {"x": {"field": "error", "type": "quantitative"}}}  # fmt: skip
    drawn = {"data": {"values": points}, "mark": {"type": "line", "point": {"size": 45}}, "encoding": encoding}
    return {"layer": [allowed, drawn], "width": 300, "height": 260, "title": "The same work: time and error"}


def sizes(rows: list[dict]) -> dict:
    """Cost of a person by how many are run together."""
    groups = [row for row in rows if row["varied"].endswith(("person", "people"))]
    points = [dict(people=row["people"], ms=row["ms a person"]) for row in groups]
    encoding = {
        "x": {"field": "people", "type": "quantitative", "scale": {"type": "log"},
              "axis": axis("people", [1, 8, 64, 512])},
        "y": {"field": "ms", "type": "quantitative", "scale": {"type": "log"},
              "axis": axis("ms of one processor for a person", [0.3, 1, 3, 10])},
    }  # fmt: skip
    return {
        "data": {"values": points},
        "mark": {"type": "line", "point": {"size": 45}, "color": figures.BLUE},
        "encoding": encoding,
        "width": 200,
        "height": 260,
        "title": "People run together",
    }


def picture(found: dict) -> str:
    """Both, as SVG."""
    ink = {"labelColor": "#333", "titleColor": "#333"}  # a file in a page has no colour of its own to inherit
    dress = {"background": "white", "padding": 16, "font": "sans-serif", "axis": figures.CONFIG["axis"] | ink}
    spec = {
        "$schema": figures.SCHEMA,
        "hconcat": [duel(found["opponents"]["rows"]), sizes(found["bench"]["size"])],
        "config": figures.CONFIG | dress | {"title": {"color": "#333", "fontWeight": "normal", "anchor": "start"}},
    }
    # a tenth of a pixel will do, but not in words
    svg = vl_convert.vegalite_to_svg(spec)
    return re.sub(
        r"(?<![>\d.])\d+\.\d{2,}", lambda number: f"{float(number.group()):.1f}", svg
    )  # a tenth of a pixel will do


def lines(rows: list[dict], columns: dict[str, str]) -> str:
    """A table: columns are {key: heading}."""
    table = [list(columns.values()), ["---"] * len(columns)]
    table += [[cell(row.get(key, "")) for key in columns] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in table)


def cell(value: object) -> str:
    """A number to two or three figures."""
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if value >= 100 else f"{value:.2g}"


def cheapest(rows: list[dict]) -> list[dict]:
    """The least time of each solver at which it is exact enough."""
    found = []
    for solver in NAMES:
        best = min((row for row in rows if row["solver"] == solver and row["enough"]), key=lambda row: row["ms"])
        found.append(best | dict(solver=NAMES[solver], pao2=best["errors"][0]))
    return [row | dict(times=row["ms"] / found[0]["ms"]) for row in found]


def measured(found: dict) -> str:
    """The tables of the page."""
    bench, other, about = found["bench"], found["opponents"], found["machine"]
    costs = {"work": "", "ms a person": "ms a person", "of it rest": "of it rest", "steps a person": "steps",
             "attempts a person": "tried", "evaluations a person": "evaluations", "ns a step": "ns a step"}  # fmt: skip
    errors = ("work", "people", "PaO2, mmHg", "ventilation, L/min", "arrest, s", "naloxone, s", "other verdicts")
    sizes = {"varied": "", "ms a person": "ms a person", "steps a person": "steps", "ns a step": "ns a step"}
    pools = ("model", "pools", "ms a person", "ns a step", "compiled, s", "from the cache, s")
    duel = {
        "solver": "",
        "tolerance": "tolerance",
        "pao2": "error of PaO2, mmHg",
        "ms": "ms a person",
        "times": "times",
    }
    many = [row for row in bench["size"] if "thread" not in row["varied"]]
    loads = [one["load"] for one in (about, bench["machine"]) if one["load"] is not None]
    solver_s, whole, alone = bench["pools"][0]["solver compiled, s"], other["whole_work_ms"], other["one_alone_ms"]
    return "\n\n".join([
        f"{about['date'][:10]}, {about['processor']}, {about['cores']} processors (code for {about['code_for']}), "
        f"Python {about['python']}, tolerance {about['tolerance']:g}.\n"
        f"Others used the machine too: {min(loads):.1f} to {max(loads):.1f} processes wanted a processor.",
        f"{bench['cost'][0]['people']} people together:", lines(bench["cost"], costs),
        "Largest errors:", lines(bench["accuracy"], {key: key.replace("work", "") for key in errors}),
        "People and horizon:", lines(many, sizes),
        "Other systems, 16 people. The chains have no meaning. Compiled in a fresh process with an empty cache, where "
        f"the\nsolver itself takes {solver_s:.1f} s more:",
        lines(bench["pools"], {key: key for key in pools}),
        f"The same work for all, {other['people']} people, without delays, arrest and rules:",
        lines(cheapest(other["rows"]), duel),
        f"The whole work takes Eupnea {cell(whole)} ms for each of these; a person alone, without delays, arrest and "
        f"rules, {cell(alone)} ms.",
    ])  # fmt: skip


def main() -> None:
    """Both files anew."""
    found = newest()
    PLACE.write_text(picture(found), encoding="utf-8")
    head, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    PAGE.write_text(f"{head}{BEGIN}\n{measured(found)}\n{END}{rest.split(END)[1]}", encoding="utf-8")
    print(PLACE, PAGE)


if __name__ == "__main__":
    main()
