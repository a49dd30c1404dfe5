"""Processes x drugs -> one system: named pools, parameters and signals, and the copies of processes in their order.

`evaluate` runs every copy's own `flow` once.  It does not care what it adds and multiplies: one person's numbers,
arrays of people, or names (`core.trace`); the witness, the compiler and the book of equations share it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .copies import Copy, signals_of
from .errors import nearest
from .library import Library, Table
from .process import Process
from .quantity import factor
from .rows import Row
from .views import Assigned, Assignments, Numbers, Rate, parameter_scopes, state_scopes, views


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
    doses: Mapping[tuple[str, str, str], int]  # (drug, route, product or "") -> pool
    families: Mapping[str, tuple[int, ...]]
    heard: tuple[str, ...] = ()  # signals and pools of which somebody asks the past
    events: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()  # events after which a person stands still
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
    copies: list[Copy] = []
    for process in order:
        copies += _copies(process, library, members, copies)
    pools: dict[str, str] = {}
    parameters: dict[str, tuple[Row, str]] = {}
    signals: dict[str, str] = {}
    titles: dict[str, str] = {}
    doses: dict[tuple[str, str, str], str] = {}
    taken: dict[str, str] = {}
    for copy in copies:
        for name, unit in _pools_of(copy):
            _new(taken, name, copy, "pool")
            pools[name] = unit
        for name, unit, title in signals_of(copy):
            _new(taken, name, copy, "signal")
            signals[name], titles[name] = unit, title
        for name, _ in copy.events:
            _new(taken, name, copy, "event")
        for table, wanted in _tables_of(copy, library):
            for row, unit in wanted.items():
                parameters[table.rows[row].path] = (table.rows[row], unit)
        for (route, product), pool in _ways_in(copy):
            doses[copy.drug or "", route, product] = f"{copy.place}.{pool}"
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
        heard=_heard(copies, pools),
        events=tuple(name for copy in copies for name, _ in copy.events),
        ends=tuple(name for copy in copies for name, key in copy.events if key in copy.process.ends),
    )


def _copies(process: Process, library: Library, members: tuple[str, ...], before: Sequence[Copy]) -> list[Copy]:
    if process.each:
        found = []
        for drug in members:
            mine = [c for c in before if c.drug == drug and c.part and c.process.routes]
            products = tuple(dict.fromkeys(c.part for c in mine if c.part not in c.process.routes))
            for part in library.parts(drug, process.name):
                table = library.table(drug, process.name, part)
                found.append(Copy(process, drug, part, table.into if table else None, (), products))
        return found
    parts = library.parts(None, process.name) or [""]
    return [
        Copy(process, None, part, None, tuple(m for m in members if library.table(m, process.name, part) is not None))
        for part in parts
    ]


def _ways_in(copy: Copy) -> list[tuple[tuple[str, str], str]]:
    """((route, product), pool) of every dose that this copy takes; a part that is no route is a product."""
    routes = copy.process.routes
    if copy.part in routes:
        return [((copy.part, ""), routes[copy.part])]
    return [((route, copy.part), pool) for route, pool in routes.items()]


def _heard(copies: Sequence[Copy], pools: Mapping[str, str]) -> tuple[str, ...]:
    """Full names of all that is heard.  Raises TypeError where it is not there, or not yet, or in another unit."""
    known, heard = dict(pools), {}
    later = {name for copy in copies for name, _, _ in signals_of(copy)}
    for copy in copies:
        owners = [copy.drug, *copy.members] + ([copy.into] if copy.into else [])
        for word, unit in copy.process.hears.items():
            names = [f"{scope}{word}" for owner in owners for scope in state_scopes(copy, owner)]
            found = [name for name in names if name in known]
            if not found and later.intersection(names):
                raise TypeError(f"{copy.process.name}: hears '{word}' before it exists; stand after who gives it")
            if not found:
                raise TypeError(f"{copy.process.name}: hears '{word}', which nobody gives{nearest(word, known)}")
            for name in found:
                if known[name] != unit:
                    text = f"hears '{word}' in {unit}, but '{name}' is in {known[name]}"
                    raise TypeError(f"{copy.process.name}: {text}")
                heard[name] = unit
        known |= {name: unit for name, unit, _ in signals_of(copy)}
    return tuple(heard)


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


def _new(taken: dict[str, str], name: str, copy: Copy, kind: str) -> None:
    """Pools, signals and events share one set of names: whoever reads one must not get another."""
    if name in taken:
        other = "" if taken[name] == kind else f" among the {taken[name]}s"
        text = f"the {kind} '{name}' exists already{other}; a process may not overwrite another"
        raise TypeError(f"{copy.process.name}: {text}")
    taken[name] = kind


# --- one evaluation ------------------------------------------------------------------------------------------------


Ago = Callable[[str, Any, Any], Any]


def now(name: str, value: Any, delay: Any) -> Any:
    """The past of a body at rest: what was is what is."""
    return value


def evaluate(
    system: System, t: Any, y: Sequence[Any], p: Sequence[Any], ago: Ago = now
) -> tuple[list[Any], dict[str, Any], dict[str, Any]]:
    """(rate of change of every pool, every signal, every event's value) at time t [min], pools y and parameters p.

    y and p hold one entry a pool and a parameter: numbers, arrays over people, or symbols.  ago(name, value, delay) is
    what a signal or a pool that is `value` now was `delay` minutes ago.
    """
    known, rates, numbers, hear = _run(system, t, y, p, ago)
    crossings: dict[str, Any] = {}
    for copy in system.copies:
        if copy.process.crosses is not None:
            s, _, q = views(copy, known, rates, numbers, hear)
            given = copy.process.crosses(t, s, q)
            for name in given.keys() ^ copy.process.events.keys():
                lacks = "there is no function of that name" if name in given else "`crosses` gives no value for it"
                raise TypeError(f"{copy.process.name}: the event '{name}': {lacks}")
            crossings |= {name: given[key] for name, key in copy.events}
    return [rates[name].total for name in system.pools], {name: known[name] for name in system.signals}, crossings


def assign(system: System, event: str, t: Any, y: Sequence[Any], p: Sequence[Any], ago: Ago = now) -> dict[int, Any]:
    """{pool: its new value} of one event, with all that is read as it is just before the event."""
    known, _, numbers, hear = _run(system, t, y, p, ago)
    assigned = {name: Assigned() for name in known if name not in system.signals}
    for copy in system.copies:
        for name, key in copy.events:
            if name == event:
                copy.process.events[key](t, *views(copy, known, assigned, numbers, hear, Assignments))
    return {i: assigned[name].value for i, name in enumerate(system.pools) if assigned[name].value is not None}


def _run(
    system: System, t: Any, y: Sequence[Any], p: Sequence[Any], ago: Ago
) -> tuple[dict[str, Any], dict[str, Rate], dict[str, Any], Ago]:
    """Every copy's flow in its order: (pools and signals, rates, numbers, how the past is asked)."""
    known: dict[str, Any] = dict(zip(system.pools, y, strict=True)) | dict.fromkeys(system.idle, 0.0)
    rates = {name: Rate() for name in known}
    numbers = dict(zip(system.parameters, p, strict=True))
    idle = frozenset(system.idle)

    def hear(name: str, value: Any, delay: Any) -> Any:
        return value if name in idle else ago(name, value, delay)

    for copy in system.copies:
        given = copy.process.flow(t, *views(copy, known, rates, numbers, hear)) or {}
        for name, key in copy.names:
            if key not in given:
                raise TypeError(f"{copy.process.name}: `gives` names '{key}', but flow does not return it")
            known[name] = given[key]
    return known, rates, numbers, hear


def start(system: System, p: Sequence[Any]) -> list[Any]:
    """Initial values of all pools: 0, or what a process's `start` says."""
    numbers = dict(zip(system.parameters, p, strict=True))
    values: dict[str, Any] = dict.fromkeys(system.pools, 0.0)
    for copy in system.copies:
        if copy.process.start is not None:
            view = Numbers(parameter_scopes(copy), numbers)
            values |= {f"{copy.place}.{key}": value for key, value in copy.process.start(view).items()}
    return [values[name] for name in system.pools]
