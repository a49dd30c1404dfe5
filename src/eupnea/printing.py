"""What the command line prints: tables, problems, JSON, a bar for long work.  Nothing is computed here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

from eupnea.notice import HELP_LINE

_LONGEST: Final = 1000  # of a message, in characters
_WIDEST_NAME: Final = 50  # of an outcome and its unit, in columns


def err(text: str) -> None:
    """A line on standard error.  What would command the terminal, or break the line, is shown as \\x1b, \\n."""
    shown = "".join(
        c if c.isprintable() or c == "\xa0" else c.encode("unicode_escape").decode() for c in text[:_LONGEST]
    )
    print(shown + ("..." if len(text) > _LONGEST else ""), file=sys.stderr)


def problem_record(problem: Any) -> dict[str, Any]:
    return dict(file=problem.file, line=problem.line, message=problem.text)


def say_problems(problems: Any, as_json: bool) -> None:
    if as_json:
        print_json({"problems": [problem_record(problem) for problem in problems]})
    for problem in problems:
        err(str(problem))


def print_json(content: Any) -> None:
    from eupnea.folder import strict_json, without_nan

    print(strict_json(without_nan(content)), end="")


def list_of(records: list[dict[str, Any]], as_json: bool, kind: str) -> None:
    if as_json:
        print_json({kind: records})
        return
    columns = [key for key in (records[0] if records else {}) if key != "family"]
    table_of(columns, records)
    print(HELP_LINE)


def _console() -> Any:
    from rich.console import Console

    console = Console(highlight=False)
    return console if console.is_terminal else Console(width=140, highlight=False)


def table_of(columns: list[str], records: list[dict[str, Any]]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for position, column in enumerate(columns):
        table.add_column(column.replace("_", " "), no_wrap=position == 0, overflow="fold")
    for record in records:
        table.add_row(*(Text(_cell(record.get(column))) for column in columns))
    _console().print(table)


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def outcomes_table(document: Mapping[str, Any], warnings: list[str], contrasts: list[dict[str, Any]]) -> None:
    """Outcomes by arm, with the 95 % interval from sampling people where there is one."""
    from rich.text import Text

    arms: Mapping[str, Any] = document["arms"]
    people = document["people"]
    who = "1 person" if people == 1 else f"{people:,} people"
    out = _console()
    out.print(Text(f"{document['scenario']} ({who}, seed {document['seed']})", style="bold"))
    if out.width >= _WIDEST_NAME + len(arms) * (12 if people == 1 else 24):
        out.print(_arms_table(arms))
    else:
        for name, arm in arms.items():
            out.print(_arms_table({name: arm}))
    if people > 1:
        print("In brackets: 95 % interval from sampling people.")
    if contrasts:
        from eupnea.contrasts import needed

        print(f"\nNumber needed to treat, against '{contrasts[0]['against']}' in the same people:")
        rows = [dict(outcome=c["outcome"], arm=c["arm"], number_needed=needed(c)) for c in contrasts]
        table_of(["outcome", "arm", "number_needed"], rows)
    for name, arm in arms.items():
        if arm["failures"]:
            print(f"{arm['failures']} of {people} people failed in arm '{name}'; they are in no number above.")
    for warning in warnings:
        print(f"Note: {warning}")


def _arms_table(arms: Mapping[str, Any]) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("outcome", overflow="fold")
    for name in arms:
        table.add_column(Text("value" if name == "all" else name), justify="right")
    table.add_column("unit")
    for outcome, first in next(iter(arms.values()))["outcomes"].items():
        cells = [Text(_interval(arm["outcomes"][outcome])) for arm in arms.values()]
        table.add_row(Text(outcome), *cells, Text("" if first["unit"] == "1" else first["unit"]))
    return table


def _interval(outcome: Mapping[str, Any]) -> str:
    if outcome["value"] is None:
        return "none"
    value = figures(outcome["value"])
    if outcome["low"] is None or outcome["high"] is None:
        return value
    return f"{value} ({figures(outcome['low'], 3)} to {figures(outcome['high'], 3)})"


def figures(number: float, count: int = 4) -> str:
    """Four figures, and no exponent where people do not write one."""
    return f"{number:.0f}" if 10**count <= abs(number) < 1e9 else f"{number:.{count}g}"


class _Silence:
    """A bar that is not shown."""

    def __enter__(self) -> Callable[[int, int], None]:
        return lambda done, total: None

    def __exit__(self, *_: object) -> None: ...


class _Bar:
    """People done, people/s and time left, on standard error."""

    def __init__(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            ProgressColumn,
            TextColumn,
            TimeRemainingColumn,
        )

        class Speed(ProgressColumn):
            def render(self, task: Any) -> Any:
                from rich.text import Text

                return Text(f"{task.speed:,.0f} people/s" if task.speed else "")

        columns = (TextColumn("people"), BarColumn(), MofNCompleteColumn(), Speed(), TimeRemainingColumn())
        self.progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self.task = self.progress.add_task("people", total=total)

    def __enter__(self) -> Callable[[int, int], None]:
        self.progress.start()
        return lambda done, total: self.progress.update(self.task, completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        self.progress.stop()


def progress(total: int) -> _Silence | _Bar:
    """A bar for long work at a terminal; nothing otherwise."""
    return _Bar(total) if total >= 50 and sys.stderr.isatty() else _Silence()
