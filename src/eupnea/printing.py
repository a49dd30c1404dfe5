"""What the command line prints: tables, problems, JSON, a bar for long work.  Nothing is computed here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from eupnea.notice import HELP_LINE

_LONGEST: Final = 1000  # of a message, in characters
_WIDEST_NAME: Final = 50  # of an outcome and its unit, in columns
_LONG: Final = 50  # people, or runs: what takes so many is worth a bar, and notes before it begins


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


def thing(record: Mapping[str, Any]) -> None:
    """What `eupnea show` says of one thing."""
    print(f"{record['kind']} {record['name']}" + (f": {record['title']}" if record.get("title") else ""))
    for key, value in record.items():
        if key in ("unit", "family", "molar_mass") or (key in ("routes", "order") and value):
            print(f"{key}: {', '.join(value) if isinstance(value, list) else value}")
        elif key == "model" and value != "eupnea":
            print(f"model: {value}")
        elif key in ("products", "domain", "gives"):
            print("".join(f"{key}: {word}: {_plain(text)}\n" for word, text in value.items()), end="")
    if record.get("text"):
        print(record["text"].rstrip())
    if record.get("rows"):
        table_of(["quantity", "value", "unit", "grade", "source", "where"], record["rows"])
        for row in record["rows"]:
            if row["note"]:
                print(f"{row['quantity']}: {row['note']}")
    print(HELP_LINE)


def _plain(value: Any) -> str:
    """A domain as people write it: a range from two numbers, words with commas."""
    if isinstance(value, list):
        return f"{value[0]} to {value[1]}" if len(value) == 2 and not isinstance(value[0], str) else ", ".join(value)
    return str(value)


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
        _contrasts_table(contrasts)
    for name, arm in arms.items():
        if arm["failures"]:
            print(f"{arm['failures']} of {people} people failed in arm '{name}'; they are in no number above.")
    for warning in warnings:
        print(f"Note: {warning}")


def _contrasts_table(contrasts: list[dict[str, Any]]) -> None:
    """The number needed of each arm, against the one that all are compared with or each against its own."""
    from eupnea.contrasts import measured, needed

    one = len({c["against"] for c in contrasts}) == 1
    what = measured(contrasts).capitalize()
    against = f" against '{contrasts[0]['against']}'" if one else ""
    print(f"\n{what},{against} in the same people:")
    rows = [{**c, "number_needed": needed(c)} for c in contrasts]
    table_of(["outcome", "arm", *([] if one else ["against"]), "number_needed"], rows)


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


# --- which numbers matter ------------------------------------------------------------------------------------------

_SHOWN: Final = 10  # numbers of an outcome
_LEAST: Final = 0.005  # of the variance


def sensitivity_tables(document: Mapping[str, Any]) -> None:
    """For every arm and outcome what is known of it, and the numbers that decide it."""
    from rich.text import Text

    from eupnea.sensitivity.telling import ordered

    people = document["people"]
    who = "one typical person" if people == 1 else f"the same {people:,} people at every draw"
    _console().print(Text(f"{document['scenario']} ({who}, {document['runs']:,} runs)", style="bold"))
    for name, arm in document["arms"].items():
        if len(document["arms"]) > 1:
            _console().print(Text(f"\n{name}", style="bold"))
        for outcome in arm["outcomes"].values():
            print()
            for line in told(outcome, people):
                _console().print(Text(line))
            rows = [row for row in outcome["numbers"] if (row["total"] or 0) >= _LEAST]
            most = sorted(row["total"] for row in rows)[-_SHOWN:]
            rows = [row for row in rows if row["total"] >= most[0]]
            if not outcome["why_not"] and rows:
                table_of(_COLUMNS, [_matters(row, document["numbers"].get(row["name"])) for row in rows])
        if arm["restless"]:
            print(
                f"{arm['restless']} of the runs were of bodies that come to no rest without drugs; they are left out."
            )
        if arm["failures"]:
            print(f"{arm['failures']} of the runs failed; they are in no number above.")
    print(f"In this order: {ordered(document)}.")
    print("mu*, sigma: what one standard deviation of what is not known of a number does, and how unevenly.")
    print("first, total: share of the variance, alone and with others; in brackets 95 % of the estimate.")


_COLUMNS: Final = ["number", "value", "unit", "grade", "mu*", "sigma", "first", "total"]


def told(outcome: Mapping[str, Any], people: int) -> list[str]:
    """What is known of an outcome, in sentences: how people differ, and how well the numbers are known, apart."""
    unit = "" if outcome["unit"] == "1" else f" {outcome['unit']}"
    lines = [outcome["sentence"]]
    value = "none" if outcome["value"] is None else figures(outcome["value"]) + unit
    if outcome["kind"] == "share" and outcome["value"] is not None:
        value = ("yes" if outcome["value"] else "no") if people == 1 else f"in {100 * outcome['value']:.0f} % of people"
    spans = [f"{value} at the typical numbers"]
    known = outcome["knowledge"]
    if known["low"] is not None:
        span = f"{figures(known['low'], 3)} to {figures(known['high'], 3)}{unit}"
        spans.append(f"what is not known: {span} (5 to 95 %)")
    elif known["median"] is not None:
        spans.append(f"what is not known: in {100 * known['median']:.0f} % of draws")
    if (between := outcome["between_people"]) is not None and between["median"] is not None:
        if between["low"] is None:
            spans.append(f"between people: in {100 * between['median']:.0f} %")
        else:
            spans.append(f"between people: {figures(between['low'], 3)} to {figures(between['high'], 3)}{unit}")
    lines.append("; ".join(spans) + ".")
    if outcome["never"]:
        lines.append(f"In {outcome['never']} runs it never came: that counts as the end of the run; of a `last`, as 0.")
    return lines


def _matters(row: Mapping[str, Any], number: Mapping[str, Any] | None) -> dict[str, str]:
    value = ("times " if number["times"] else "") + figures(number["value"]) if number else ""
    return {
        "number": row["name"], "value": value, "unit": number["unit"] if number and number["unit"] != "1" else "",
        "grade": row["grade"], "mu*": figures(row["mu_star"], 3),
        "sigma": "" if row["sigma"] is None else figures(row["sigma"], 3), "first": f"{row['first']:.2f}",
        "total": f"{row['total']:.2f} ({row['total_low']:.2f} to {row['total_high']:.2f})",
    }  # fmt: skip


class _Silence:
    """A bar that is not shown."""

    def __enter__(self) -> Callable[[int, int], None]:
        return lambda done, total: None

    def __exit__(self, *_: object) -> None: ...


class _Bar:
    """People (or runs) done, how many a second and the time left, on standard error."""

    def __init__(self, total: int, what: str) -> None:
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

                return Text(f"{task.speed:,.0f} {what}/s" if task.speed else "")

        columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), Speed(), TimeRemainingColumn())
        self.progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self.task = self.progress.add_task(what, total=total)

    def __enter__(self) -> Callable[[int, int], None]:
        self.progress.start()
        return lambda done, total: self.progress.update(self.task, completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        self.progress.stop()


def progress(total: int, what: str = "people", notes: Sequence[Any] = ()) -> _Silence | _Bar:
    """A bar for long work at a terminal; nothing otherwise.  Before it what is worth knowing of what is to be done: of
    short work it stands below the table soon enough."""
    for note in notes if total >= _LONG else ():
        err(f"Note: {note}")
    return _Bar(total, what) if total >= _LONG and sys.stderr.isatty() else _Silence()
