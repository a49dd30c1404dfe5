"""Whether the data and the equations fit: what a folder of data/ must say, and nothing beyond it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .errors import InputErrors, Problem, UnitError, nearest
from .library import Library, Table
from .process import Process
from .quantity import factor
from .rows import Row, outside


def check(orders: Iterable[Sequence[Process]], library: Library, own: Sequence[Process] | None = None) -> None:
    """Every row is read by an equation, every equation finds its rows, units agree; else InputErrors with all of it.

    orders: those of all models, for a row may be read in any of them; own: the order that this library is for, whose
    processes must find their constants (by default, all of them).
    """
    processes = {process.name: process for order in orders for process in order}
    problems: list[Problem] = []
    for drug in library.drugs.values():
        for (module, part), table in drug.tables.items():
            if module not in processes:
                text = f"no process is called '{module}'{nearest(module, processes)}"
                problems.append(Problem(table.file, None, text))
                continue
            process = processes[module]
            wanted = process.needs if process.each else process.drugs
            name = f"{drug.name}.{module}" + (f".{part}" if part else "")
            problems += _mismatch(table, wanted, name)
            parts = library.parts(None, module) or [""]
            if not process.each and part not in parts:
                text = f"no equation reads [{name}]: data/body/{module}.toml has no [{part}]{nearest(part, parts)}"
                problems.append(Problem(table.file, None, text))
            if part not in process.routes and "did you mean" in nearest(part, process.routes):  # else it is a product
                text = f"[{name}]: no route is called '{part}'{nearest(part, process.routes)}"
                problems.append(Problem(table.file, None, text))
            if ("into" in process.flow.__code__.co_names) != (table.into is not None):
                text = "lacks into, the product" if table.into is None else "has into, which no equation reads"
                problems.append(Problem(table.file, None, f"[{name}] {text}"))
    for process in processes.values() if own is None else own:
        wanted = process.shared if process.each else process.needs
        parts = library.parts(None, process.name)
        if wanted and not parts:
            problems.append(Problem(f"data/body/{process.name}.toml", None, f"is missing: needs {', '.join(wanted)}"))
        for part in parts:
            constants = library.table(None, process.name, part)
            if constants is not None:
                problems += _mismatch(constants, wanted, process.name + (f".{part}" if part else ""))
    for (module, _), table in library.body.items():
        if module not in processes:
            problems.append(Problem(table.file, None, f"no process is called '{module}'{nearest(module, processes)}"))
    problems += _people(library)
    if problems:
        raise InputErrors(problems)


def _people(library: Library) -> list[Problem]:
    """What data/people says of quantities (their names have a dot): each exists, and what goes together varies."""
    tables = [table for drug in library.drugs.values() for table in drug.tables.values()] + [*library.body.values()]
    known = {row.path: row for table in tables for row in table.rows.values()}
    problems = []
    for row, path in (
        (row, path) for tables in library.people.values() for t in tables.values() for path, row in t.items()
    ):
        if "." in path and path not in known:
            problems.append(Problem(row.file, row.line, f"no quantity is called '{path}'{nearest(path, known)}"))
        elif "." in path and not row.times and (wrong := _unit(row, known[path].unit)):
            problems += wrong
        elif "." in path and not row.times:
            said = outside(row.value * factor(row.unit, known[path].unit), known[path].limits, known[path].unit)
            problems += [Problem(row.file, row.line, f"{row.path}: {said}")] if said else []
    for a, b, row in library.pairs:
        problems += [
            Problem(row.file, row.line, f"no quantity '{path}' varies{nearest(path, known)}")
            for path in (a, b)
            if path not in known or not known[path].cv + known[path].sd > 0
        ]
        if not -1 < row.value < 1 or a == b:
            problems.append(
                Problem(row.file, row.line, f"{row.path}: a correlation of {row.value:g} is not between -1 and 1")
            )
    return problems


def _mismatch(table: Table, wanted: Mapping[str, str], name: str) -> list[Problem]:
    missing = [(row, unit) for row, unit in wanted.items() if row not in table.rows]
    problems = [Problem(table.file, None, f"[{name}] lacks {row} [{unit}]") for row, unit in missing]
    for key, row in table.rows.items():
        if key not in wanted:
            problems.append(Problem(row.file, row.line, f"no equation reads {row.path}{nearest(key, wanted)}"))
            continue
        problems += _unit(row, wanted[key])
    return problems


def _unit(row: Row, wanted: str) -> list[Problem]:
    try:
        factor(row.unit, wanted)
    except UnitError:
        return [Problem(row.file, row.line, f"{row.path}: unit {row.unit}, the equations use {wanted}")]
    return []
