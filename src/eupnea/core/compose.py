"""Processes x drugs -> one system: named pools, parameters and signals, and the copies of processes in their order.

`evaluate` runs every copy's own `flow` once.  It does not care what it adds and multiplies: one person's numbers,
arrays of people, or names (`core.trace`); the witness, the compiler and the book of equations share it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .copies import Copy, signals_of
from .errors import InputErrors, Problem, UnitError, nearest
from .library import Library, Table
from .process import Process
from .quantity import factor
from .rows import Row
from .views import Numbers, Rate, parameter_scopes, views


@dataclass(frozen=True)
class System:
    """A composed model.  Pools, parameters and signals are known by name and kept by position."""

    copies: tuple[Copy, ...]
    drugs: tuple[str, ...]
    pools: tuple[str, ...]
    units: tuple[str, ...]
    parameters: tuple[str, ...]
    parameter_units: tuple[str, ...]  # in which the equations want them; a row may have another
    typical: tuple[float, ...]
    rows: tuple[Row, ...]
    signals: Mapping[str, str]
    titles: Mapping[str, str]
    doses: Mapping[tuple[str, str], int]
    families: Mapping[str, tuple[int, ...]]
    idle: tuple[str, ...] = ()  # pools that are left out because they stay 0 (`core.reach`)

    def pool(self, name: str) -> int:
        return self.pools.index(name)

    def parameter(self, path: str) -> int:
        return self.parameters.index(path)


def reachable(library: Library, drugs: Iterable[str]) -> tuple[str, ...]:
    """The drugs named and everything that they turn into, in the order of the library."""
    found: set[str] = set()
    waiting = list(drugs)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        waiting += [table.into for table in library.drugs[name].tables.values() if table.into]
    return tuple(name for name in library.drugs if name in found)


def compose(order: Sequence[Process], library: Library, drugs: Iterable[str]) -> System:
    """The system of `order` for the drugs that can be reached from `drugs`."""
    members = reachable(library, drugs)
    copies = [copy for process in order for copy in _copies(process, library, members)]
    pools: dict[str, str] = {}
    parameters: dict[str, tuple[Row, str]] = {}
    signals: dict[str, str] = {}
    titles: dict[str, str] = {}
    doses: dict[tuple[str, str], str] = {}
    for copy in copies:
        for name, unit in _pools_of(copy):
            _new(pools, name, unit, copy, "pool")
        for name, unit, title in signals_of(copy):
            _new(signals, name, unit, copy, "signal")
            titles[name] = title
        for table, wanted in _tables_of(copy, library):
            for row, unit in wanted.items():
                parameters[table.rows[row].path] = (table.rows[row], unit)
        for route, pool in copy.process.routes.items():
            if copy.drug and (copy.part not in copy.process.routes or copy.part == route):
                doses[copy.drug, route] = f"{copy.place}.{pool}"
    names = tuple(pools)
    families: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        owner = next((drug for drug in name.split(".") if drug in library.drugs), None)
        if owner and pools[name] == "nmol":
            families.setdefault(library.drugs[owner].family, []).append(index)
    return System(
        copies=tuple(copies),
        drugs=members,
        pools=names,
        units=tuple(pools.values()),
        parameters=tuple(parameters),
        parameter_units=tuple(unit for _, unit in parameters.values()),
        typical=tuple(row.value * factor(row.unit, unit) for row, unit in parameters.values()),
        rows=tuple(row for row, _ in parameters.values()),
        signals=signals,
        titles=titles,
        doses={key: names.index(pool) for key, pool in doses.items()},
        families={family: tuple(indexes) for family, indexes in families.items()},
    )


def _copies(process: Process, library: Library, members: tuple[str, ...]) -> list[Copy]:
    if process.each:
        found = []
        for drug in members:
            for part in library.parts(drug, process.name):
                table = library.table(drug, process.name, part)
                found.append(Copy(process, drug, part, table.into if table else None, ()))
        return found
    parts = library.parts(None, process.name) or [""]
    return [
        Copy(process, None, part, None, tuple(m for m in members if library.table(m, process.name, part) is not None))
        for part in parts
    ]


def _pools_of(copy: Copy) -> list[tuple[str, str]]:
    own = [(f"{copy.place}.{name}", unit) for name, unit in copy.process.pools.items()]
    return own + [
        (f"{copy.place}.{drug}.{name}", unit) for drug in copy.members for name, unit in copy.process.drug_pools.items()
    ]


def _tables_of(copy: Copy, library: Library) -> list[tuple[Table, Mapping[str, str]]]:
    process, tables = copy.process, []
    wanted: list[tuple[str | None, str, Mapping[str, str]]] = [(copy.drug, copy.part, process.needs)]
    if process.each:
        wanted.append((None, "", process.shared))
    wanted += [(drug, copy.part, process.drugs) for drug in copy.members]
    for drug, part, rows in wanted:
        table = library.table(drug, process.name, part)
        if rows and table is not None:
            tables.append((table, rows))
    return tables


def _new(names: dict[str, str], name: str, unit: str, copy: Copy, kind: str) -> None:
    if name in names:
        raise TypeError(f"{copy.process.name}: the {kind} '{name}' exists already; a process may not overwrite another")
    names[name] = unit


def check(orders: Iterable[Sequence[Process]], library: Library) -> None:
    """Every row is read by an equation, every equation finds its rows, units agree; else InputErrors with all of it."""
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
            if part and process.routes and part not in process.routes:
                text = f"[{name}]: no route is called '{part}'{nearest(part, process.routes)}"
                problems.append(Problem(table.file, None, text))
            if ("into" in process.flow.__code__.co_names) != (table.into is not None):
                text = "lacks into, the product" if table.into is None else "has into, which no equation reads"
                problems.append(Problem(table.file, None, f"[{name}] {text}"))
    for process in processes.values():
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
        elif "." in path and not row.times:
            problems += _unit(row, known[path].unit)
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


# --- one evaluation ------------------------------------------------------------------------------------------------


def evaluate(system: System, t: Any, y: Sequence[Any], p: Sequence[Any]) -> tuple[list[Any], dict[str, Any]]:
    """(rate of change of every pool, every signal) at time t [min], pools y and parameters p.

    y and p hold one entry a pool and a parameter: numbers, arrays over people, or symbols.
    """
    known: dict[str, Any] = dict(zip(system.pools, y, strict=True)) | dict.fromkeys(system.idle, 0.0)
    rates = {name: Rate() for name in known}
    numbers = dict(zip(system.parameters, p, strict=True))
    for copy in system.copies:
        given = copy.process.flow(t, *views(copy, known, rates, numbers)) or {}
        for name, key in copy.names:
            if key not in given:
                raise TypeError(f"{copy.process.name}: `gives` names '{key}', but flow does not return it")
            known[name] = given[key]
    return [rates[name].total for name in system.pools], {name: known[name] for name in system.signals}


def start(system: System, p: Sequence[Any]) -> list[Any]:
    """Initial values of all pools: 0, or what a process's `start` says."""
    numbers = dict(zip(system.parameters, p, strict=True))
    values: dict[str, Any] = dict.fromkeys(system.pools, 0.0)
    for copy in system.copies:
        if copy.process.start is not None:
            view = Numbers(parameter_scopes(copy), numbers)
            values |= {f"{copy.place}.{key}": value for key, value in copy.process.start(view).items()}
    return [values[name] for name in system.pools]
