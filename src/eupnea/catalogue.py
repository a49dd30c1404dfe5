"""What there is, as plain records for `eupnea list` and `eupnea show`: drugs, signals, outcomes, scenarios, models."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from eupnea.core.errors import InputErrors, Problem
from eupnea.values import hint

KINDS: Final = ("drugs", "signals", "outcomes", "scenarios", "models")
Record = dict[str, Any]


def listed(kind: str) -> list[Record]:
    """All of one kind, each a record that begins with its name."""
    makers: Mapping[str, Any] = dict(
        drugs=_drugs, signals=_signals, outcomes=_outcomes, scenarios=_scenarios, models=_models
    )
    if kind not in makers:
        raise InputErrors([Problem("list", None, f"there is no list of '{kind}'{hint(kind, KINDS)}")])
    found: list[Record] = makers[kind]()
    return found


def _drugs() -> list[Record]:
    from eupnea import person
    from eupnea.scenario import vocabulary

    words = vocabulary()
    return [
        dict(name=name, title=drug.title, routes=list(words.drugs[name].routes), forms=list(drug.forms),
             molar_mass=drug.molar_mass, family=drug.family)
        for name, drug in person.library().drugs.items()
    ]  # fmt: skip


def _signals() -> list[Record]:
    from eupnea import person

    found: dict[str, Record] = {}
    for model in person.MODELS:
        for name, (unit, title) in person.signal_names(model).items():
            found.setdefault(name, dict(name=name, unit=unit, title=title, models=[]))["models"].append(model)
    return [*found.values()]


def _outcomes() -> list[Record]:
    from eupnea.scenario import vocabulary

    words = vocabulary()
    units = {"signal": "of the signal", "signal*min": "signal's * min"}
    found = [
        dict(name=f"{name}({takes})", unit=units.get(own, own), title=title)
        for name, (takes, own, title) in words.functions.items()
    ]
    return found + [dict(name=n, unit=u, title=words.titles.get(n, "")) for n, u in words.outcomes.items()]


def _scenarios() -> list[Record]:
    from eupnea.scenario import shipped

    return [
        dict(name=name, title=tomllib.loads(path.read_text(encoding="utf-8")).get("title", ""))
        for name, path in shipped().items()
    ]


def _models() -> list[Record]:
    from eupnea.person import MODELS

    return [dict(name=name, order=list(order)) for name, order in MODELS.items()]


# --- one thing -----------------------------------------------------------------------------------------------------


def shown(name: str) -> Record:
    """One drug, process, quantity, signal, outcome, scenario or model, with the rows of data that belong to it."""
    from eupnea import person
    from eupnea.scenario import shipped, vocabulary

    library, words = person.library(), vocabulary()
    rows = {row.path: row for row in library.rows()}
    processes = {process.name: process for process in person.processes()}
    if name in library.drugs:
        drug = library.drugs[name]
        mine = [row for path, row in rows.items() if path.startswith(f"{name}.")]
        about = dict(family=drug.family, molar_mass=drug.molar_mass, routes=list(words.drugs[name].routes))
        domain = {key: value for key, value in drug.domain.items() if not isinstance(value, dict)}
        return dict(kind="drug", name=name, title=drug.title, **about, domain=domain, rows=_rows(mine))
    if name in processes:
        mine = [row for path, row in rows.items() if name in path.split(".")[:2]]
        process = processes[name]
        gives = {signal: process.title[signal] for signal in process.gives}
        text = f"{process.doc}\n\n{inspect.getsource(process.flow)}"
        return dict(kind="process", name=name, text=text, gives=gives, rows=_rows(mine))
    if name in rows:
        row = rows[name]
        return dict(kind="quantity", name=name, rows=_rows([row]), text=library.sources.get(row.source, ""))
    if name in shipped():
        return dict(kind="scenario", name=name, text=shipped()[name].read_text(encoding="utf-8"))
    if name in words.signals:
        return dict(kind="signal", name=name, unit=words.signals[name], title=words.titles.get(name, ""))
    if name in words.functions:
        takes, _, title = words.functions[name]
        return dict(kind="outcome", name=name, title=title, text=f"{name}({takes})")
    if name in words.outcomes:
        return dict(kind="outcome", name=name, unit=words.outcomes[name], title=words.titles.get(name, ""))
    if name in person.MODELS:
        return dict(kind="model", name=name, order=list(person.MODELS[name]))
    inside = [row for path, row in rows.items() if path.startswith(f"{name}.")]
    if inside:
        return dict(kind="quantities", name=name, rows=_rows(inside))
    known = [*library.drugs, *processes, *rows, *shipped(), *words.signals, *words.functions, *words.outcomes]
    text = f"nothing is called '{name}': no drug, process, quantity, signal, outcome or scenario{hint(name, known)}"
    raise InputErrors([Problem("show", None, text)])


def _rows(rows: Iterable[Any]) -> list[Record]:
    keys = ("value", "unit", "source", "where", "grade", "note", "cv", "rse")
    return [dict(quantity=row.path, **{key: getattr(row, key) for key in keys}) for row in rows]
