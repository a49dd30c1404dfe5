"""Does the model say what papers say?  Every statement of data/observed, its window, and what the model gives.

    from eupnea.validation import validate
    found = validate()
    found.missed            lines outside their window that are not listed as known misfits
    rows(found)             plain dicts;  text(found), html(found) and document(found) show them

A line used to fit the model says little about it: the summary counts only the others.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from eupnea import observed, works
from eupnea.core.errors import UnitError
from eupnea.notice import HELP_LINE
from eupnea.observed import Observed, Statement, Value
from eupnea.observed.arithmetic import Number, Reference, evaluate

VERDICTS: Final = ("pass", "miss", "known misfit", "shown", "not simulated")
_MARKS: Final = (
    "Columns: value, window,{published} model, verdict. fitted: a number of the model was fitted to it. shown: it has "
    "no window. [contested], [wrong]: sources disagree, or it is not true as said; then its corrected form is tested.\n"
)
WIDE: Final = 110  # columns of a terminal from which the published value finds room
Outcomes = Mapping[
    tuple[str, str], Number | None
]  # (arm, outcome as asked) -> value and unit, None if it does not exist
Runner = Callable[[Mapping[str, Any]], Outcomes]


@dataclass(frozen=True)
class Line:
    """One statement's one value: window, what the model gives, and the verdict."""

    statement: Statement
    value: Value | None  # None if the whole statement is not simulated
    found: float | None
    verdict: str

    @property
    def used_to_fit(self) -> bool:
        """Such a line says little: only the others say how good the model is."""
        return self.value is not None and self.value.used_to_fit


@dataclass(frozen=True)
class Validation:
    """All lines, in the order of the files."""

    lines: tuple[Line, ...]
    observed: Observed

    @property
    def missed(self) -> list[Line]:
        return [line for line in self.lines if line.verdict == "miss"]

    @property
    def passed(self) -> bool:
        return not self.missed

    def summary(self) -> dict[str, int]:
        judged = [line for line in self.lines if line.value is not None and line.value.has_window]
        free = Counter(line.verdict for line in judged if not line.used_to_fit)
        fitted = Counter(line.verdict for line in judged if line.used_to_fit)
        every = Counter(line.verdict for line in self.lines)
        return {
            "statements": len({line.statement.id for line in self.lines}),
            "not_used_to_fit": sum(free.values()),
            "not_used_to_fit_pass": free["pass"],
            "used_to_fit": sum(fitted.values()),
            "used_to_fit_pass": fitted["pass"],
            "miss": every["miss"],
            "known_misfit": every["known misfit"],
            "shown": every["shown"],
            "not_simulated": every["not simulated"],
        }

    def sentence(self) -> str:
        n = self.summary()
        return (
            f"Of {n['not_used_to_fit']} published values that were not used to fit the model, "
            f"{n['not_used_to_fit_pass']} fall within their window; of {n['used_to_fit']} that were used, "
            f"{n['used_to_fit_pass']} do. Missed in all: {n['miss']}, and {n['known_misfit']} known misfits. "
            f"Shown without a window: {n['shown']} more. Statements not simulated: {n['not_simulated']}."
        )


def validate(only: Iterable[str] | None = None, known: Observed | None = None, run: Runner | None = None) -> Validation:
    """Run what the statements need, each scenario once, and compare.  `only`: ids of statements."""
    known = known or observed.load()
    wanted = None if only is None else set(only)
    statements = [s for s in known.statements if wanted is None or s.id in wanted]
    if wanted is not None and wanted - {s.id for s in statements}:
        unknown = ", ".join(sorted(wanted - {s.id for s in statements}))
        raise ValueError(f"no statement {unknown}; there are {', '.join(s.id for s in known.statements)}")
    results = _run_all(known, statements, run or simulate)
    lines = []
    for s in statements:
        if s.not_simulated:
            lines.append(Line(s, None, None, "not simulated"))
        lines += [_judge(s, v, results) for v in s.values]
    return Validation(tuple(lines), known)


def _run_all(known: Observed, statements: Iterable[Statement], run: Runner) -> dict[Reference, Number | None]:
    """Every reference's number.  Scenarios alike but for title and outcomes are one run."""
    asked: dict[str, tuple[dict[str, Any], dict[str, None]]] = {}
    key_of: dict[str, str] = {}
    references = dict.fromkeys(r for s in statements for v in s.values for r in v.references if r.kind == "outcome")
    for r in references:
        plain = {k: v for k, v in known.scenarios[r.scenario].items() if k not in ("title", "outcomes")}
        key = key_of[r.scenario] = json.dumps(plain, sort_keys=True)
        asked.setdefault(key, (plain, {}))[1][r.text] = None
    found = {key: run({**plain, "outcomes": list(outcomes)}) for key, (plain, outcomes) in asked.items()}
    numbers: dict[Reference, Number | None] = {
        r: found[key_of[r.scenario]].get((r.arm or "all", r.text)) for r in references
    }
    rows = dict.fromkeys(r for s in statements for v in s.values for r in v.references if r.kind == "row")
    return numbers | _rows_of_data(rows)


def _rows_of_data(wanted: Iterable[Reference]) -> dict[Reference, Number | None]:
    wanted = list(wanted)
    if not wanted:
        return {}
    from eupnea import person

    rows = {row.path: (row.value, row.unit) for row in person.library().rows()}
    missing = [r.text for r in wanted if r.text not in rows]
    if missing:
        raise ValueError(f"the data has no row {', '.join(missing)}")
    return {r: rows[r.text] for r in wanted}


def simulate(scenario: Mapping[str, Any]) -> Outcomes:
    """One scenario through the engine."""
    from eupnea.job import run
    from eupnea.scenario import Scenario

    frame = run(Scenario.from_dict(scenario)).outcomes()
    return {
        (row["arm"], row["outcome"]): None if row["value"] is None else (row["value"], row["unit"])
        for row in frame.iter_rows(named=True)
    }


def _judge(statement: Statement, value: Value, results: Mapping[Reference, Number | None]) -> Line:
    try:
        found = evaluate(value.tree, value.references, value.unit, results.__getitem__)
    except UnitError as error:
        raise UnitError(f"{value.id}, {value.part}: {error}") from None
    if not value.has_window:
        return Line(statement, value, found, "shown")
    inside = found is not None and value.low <= found <= value.high
    verdict = "pass" if inside else "known misfit" if value.known_misfit else "miss"
    return Line(statement, value, found, verdict)


# --- faces ---------------------------------------------------------------------------------------------------------


def rows(found: Validation) -> list[dict[str, Any]]:
    """Every line as a plain dict."""
    order = {name: place for place, name in enumerate(dict.fromkeys(line.statement.id for line in found.lines))}
    return [_row(line) | {"place": order[line.statement.id]} for line in found.lines]


def document(found: Validation) -> dict[str, Any]:
    """What `eupnea validate --json` prints: null for what is absent, never NaN."""
    return {"summary": found.summary(), "sentence": found.sentence(), "lines": rows(found)}


def text(found: Validation, width: int | None = None) -> str:
    """Statements with their values for the terminal, in colour if it is one, then the sentence that counts."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    colours = {"pass": "green", "miss": "bold red", "known misfit": "yellow"}
    console = Console(width=width, highlight=False)
    if width is None and not console.is_terminal:
        console = Console(width=140, highlight=False)
    roomy = console.width >= WIDE
    with console.capture() as capture:
        for topic, title in found.observed.titles.items():
            last: dict[str, Any] = {"id": ""}
            for row in (row for row in rows(found) if row["topic"] == topic):
                if not last["id"]:
                    console.print(Text(f"{title}\n", style="bold"))
                if row["id"] != last["id"]:
                    claim = f" [{row['claim']}]" if row["claim"] in ("contested", "wrong") else ""
                    said = Text(f"{row['statement']}{claim} ({row['source']})", style="dim")
                    console.print(Text(row["id"], style="bold"), said)
                verdict = Text(row["verdict"], style=colours.get(row["verdict"], "dim"))
                fit = "fitted" if row["used_to_fit"] else ""
                line = Table.grid(padding=(0, 2 if roomy else 1), expand=True)
                for ratio, side in ((10, "left"), (6, "right"), *(((5, "left"),) if roomy else ()), (5, "right")):
                    line.add_column(ratio=ratio, justify=side, overflow="fold")
                line.add_column(width=6)
                line.add_column(width=13)
                published = [row["published"]] if roomy else []
                line.add_row(row["part"], row["window_text"], *published, row["model_text"], fit, verdict)
                console.print(Padding(line, (0, 0, 0, 4)))
                last = row
            if last["id"]:
                console.print()
        console.print(Text(_MARKS.format(published=" published," if roomy else ""), style="dim"))
        console.print(found.sentence())
    return capture.get().rstrip("\n")


def html(found: Validation) -> str:
    """One self-contained page, for the screen and for print."""
    import jinja2

    env = jinja2.Environment(
        loader=jinja2.PackageLoader("eupnea"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    topics: dict[str, list[dict[str, Any]]] = {}
    for row in rows(found):
        topics.setdefault(row["topic"], []).append(row)
    keys = {key for line in found.lines for key in (line.statement.source, *line.statement.also)}
    entries = {key: works.fields(found.observed.sources[key]) for key in sorted(keys)}
    return env.get_template("validation.html").render(
        topics=topics,
        titles=found.observed.titles,
        sentence=found.sentence(),
        claims=observed.CLAIMS,
        bases=observed.BASES,
        short={key: works.short(work) for key, work in entries.items()},
        works={key: (*works.line(work), work.get("note", "")) for key, work in entries.items()},
        help=HELP_LINE,
    )


def write(found: Validation, path: Path) -> Path:
    """The page as a file, there whole or not at all."""
    path = Path(path)
    part = path.with_name(path.name + ".part")
    part.write_text(html(found), encoding="utf-8")
    part.replace(path)
    return path


def _row(line: Line) -> dict[str, Any]:
    s, v = line.statement, line.value
    row: dict[str, Any] = {
        "id": s.id, "topic": s.topic, "statement": s.text, "source": s.source, "also": list(s.also),
        "where": s.where, "claim": s.claim,
        "corrected": s.corrected, "note": s.note, "matrix": s.matrix, "verdict": line.verdict, "model": line.found,
    }  # fmt: skip
    if v is None:
        empty = {"part": "", "quantity": "", "low": None, "high": None, "unit": "", "published": "", "basis": ""}
        return row | empty | {
            "used_to_fit": False, "by": "", "reason": s.not_simulated, "window_text": "", "model_text": "",
        }  # fmt: skip
    unit = "" if v.unit == "1" else f" {v.unit}"
    return row | {
        "part": v.part, "quantity": v.quantity, "unit": v.unit, "published": v.published, "basis": v.basis,
        "low": v.low if math.isfinite(v.low) else None, "high": v.high if math.isfinite(v.high) else None,
        "used_to_fit": v.used_to_fit, "by": v.by, "reason": v.known_misfit,
        "window_text": _window(v) + unit * v.has_window,
        "model_text": "does not exist" if line.found is None else figures(line.found) + unit,
    }  # fmt: skip


def _window(v: Value) -> str:
    if not v.has_window:
        return ""
    if v.low == -math.inf:
        return f"at most {v.high:g}"
    return f"at least {v.low:g}" if v.high == math.inf else f"{v.low:g} to {v.high:g}"


def figures(number: float) -> str:
    """Three figures, no exponent where people do not write one."""
    if number == 0 or not 1e-3 <= abs(number) < 1e6:
        return f"{number:.3g}"
    digits = max(0, 2 - math.floor(math.log10(abs(number))))
    return f"{number:.{digits}f}"
