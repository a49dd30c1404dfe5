"""What there is, as plain records for `eupnea list` and `eupnea show`: drugs, signals, outcomes, scenarios, models."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from eupnea.core.errors import InputErrors, Problem
from eupnea.values import hint

KINDS: Final = ("drugs", "signals", "outcomes", "scenarios", "models")
USUAL: Final = "eupnea"  # the model that is meant where none is named
Record = dict[str, Any]


def listed(kind: str, model: str = "") -> list[Record]:
    """All of one kind, each a record that begins with its name; with a model, those of that model."""
    makers: Mapping[str, Any] = dict(
        drugs=_drugs, signals=_signals, outcomes=_outcomes, scenarios=_scenarios, models=_models
    )
    if kind not in makers:
        raise InputErrors([Problem("list", None, f"there is no list of '{kind}'{hint(kind, KINDS)}")])
    if model:
        _check("list", model)
    found: list[Record] = makers[kind](model)
    return found


def _check(command: str, model: str) -> None:
    """Refuse a model that there is not."""
    from eupnea.person import MODELS

    if model not in MODELS:
        raise InputErrors([Problem(command, None, f"there is no model '{model}'{hint(model, MODELS)}")])


def _drugs(model: str) -> list[Record]:
    from eupnea import person
    from eupnea.scenario import vocabulary

    words, known = vocabulary(model or USUAL), person.library(model or USUAL).drugs
    return [
        dict(name=name, title=drug.title, routes=list(words.drugs[name].routes), forms=list(drug.forms),
             molar_mass=drug.molar_mass, family=drug.family)
        for name, drug in known.items() if name in words.drugs
    ]  # fmt: skip


def _signals(model: str) -> list[Record]:
    from eupnea import person

    found: dict[str, Record] = {}
    for other in person.MODELS:
        for name, (unit, title) in person.signal_names(other).items():
            found.setdefault(name, dict(name=name, unit=unit, title=title, models=[]))["models"].append(other)
    return [record for record in found.values() if not model or model in record["models"]]


def _outcomes(model: str) -> list[Record]:
    from eupnea.scenario import vocabulary

    words = vocabulary(model or USUAL)
    units = {"signal": "of the signal", "signal*min": "signal's * min"}
    found = [
        dict(name=f"{name}({takes})", unit=units.get(own, own), title=title)
        for name, (takes, own, title) in words.functions.items()
    ]
    return found + [dict(name=n, unit=u, title=words.titles.get(n, "")) for n, u in words.outcomes.items()]


def _scenarios(model: str) -> list[Record]:
    from eupnea.scenario import shipped

    trees = {name: tomllib.loads(path.read_text(encoding="utf-8")) for name, path in shipped().items()}
    return [
        dict(name=name, title=tree.get("title", ""))
        for name, tree in trees.items() if not model or tree.get("model", USUAL) == model
    ]  # fmt: skip


def _models(model: str) -> list[Record]:
    from eupnea.person import MODELS

    return [dict(name=name, order=list(order)) for name, order in MODELS.items() if not model or name == model]


# --- one thing -----------------------------------------------------------------------------------------------------


def shown(name: str, model: str = USUAL) -> Record:
    """One drug, process, quantity, signal, outcome, scenario or model, with the rows of data that belong to it."""
    from eupnea import person
    from eupnea.scenario import shipped, vocabulary

    _check("show", model)
    if (found := _found(name, model)) is not None:
        return found
    for other in person.MODELS:
        if _found(name, other) is not None:
            text = f"the model '{model}' has no '{name}', but '{other}' has: eupnea show {name} --model {other}"
            raise InputErrors([Problem("show", None, text)])
    known = [*shipped(), *person.MODELS]
    for each in (model, *person.MODELS):
        words = vocabulary(each)
        known += [*words.drugs, *person.MODELS[each], *_numbers(each)]
        known += [*words.signals, *words.functions, *words.outcomes]
    text = f"nothing is called '{name}': no drug, process, quantity, signal, outcome or scenario{hint(name, known)}"
    raise InputErrors([Problem("show", None, text)])


def _found(name: str, model: str) -> Record | None:
    """What is called so in a model, if anything is."""
    from eupnea import person
    from eupnea.scenario import shipped, vocabulary

    words, rows = vocabulary(model), _numbers(model)
    processes = {process.name: process for process in person.processes(model)}
    if name in words.drugs:
        return _drug(name, model, rows)
    if name in processes:
        mine = [row for path, row in rows.items() if name in path.split(".")[:2]]
        process = processes[name]
        gives = {signal: process.title[signal] for signal in process.gives}
        text = f"{process.doc}\n\n{inspect.getsource(process.flow)}"
        return dict(kind="process", name=name, model=model, text=text, gives=gives, rows=_rows(mine))
    if name in rows:
        row, text = rows[name], person.library(model).sources.get(rows[name].source, "")
        return dict(kind="quantity", name=name, model=model, rows=_rows([row]), text=text)
    if name in shipped():
        return dict(kind="scenario", name=name, text=shipped()[name].read_text(encoding="utf-8"))
    if name in words.signals:
        title = words.titles.get(name, "")
        return dict(kind="signal", name=name, model=model, unit=words.signals[name], title=title)
    if name in words.functions:
        takes, _, title = words.functions[name]
        return dict(kind="outcome", name=name, title=title, text=f"{name}({takes})")
    if name in words.outcomes:
        return dict(kind="outcome", name=name, unit=words.outcomes[name], title=words.titles.get(name, ""))
    if name in person.MODELS:
        return dict(kind="model", name=name, order=list(person.MODELS[name]))
    inside = [row for path, row in rows.items() if path.startswith(f"{name}.")]
    return dict(kind="quantities", name=name, model=model, rows=_rows(inside)) if inside else None


def _drug(name: str, model: str, rows: Mapping[str, Any]) -> Record:
    from eupnea import person
    from eupnea.scenario import vocabulary

    drug, words = person.library(model).drugs[name], vocabulary(model)
    mine = [row for path, row in rows.items() if path.startswith(f"{name}.")]
    about = dict(family=drug.family, molar_mass=drug.molar_mass, routes=list(words.drugs[name].routes))
    products = {product: list(routes) for product, routes in words.products[name].items() if product}
    domain = {key: value for key, value in drug.domain.items() if not isinstance(value, dict)}
    return dict(
        kind="drug", name=name, title=drug.title, model=model, **about, products=products, domain=domain,
        rows=_rows(mine),
    )  # fmt: skip


def _numbers(model: str) -> dict[str, Any]:
    """Path -> row of all data that a model reads; of drugs and of the body not what its processes have no eyes for."""
    from eupnea import person
    from eupnea.scenario import vocabulary

    library, drugs, read = person.library(model), vocabulary(model).drugs, person.MODELS[model]
    tables = {(name, *key): table for name, drug in library.drugs.items() for key, table in drug.tables.items()}
    tables |= {("", *key): table for key, table in library.body.items()}
    others = {path for name, drug in library.drugs.items() if name not in drugs for path in drug.head}
    for (drug, module, _), table in tables.items():
        if module not in read or (drug and drug not in drugs):
            others |= {row.path for row in table.rows.values()}
    return {row.path: row for row in library.rows() if row.path not in others}


def _rows(rows: Iterable[Any]) -> list[Record]:
    keys = ("value", "unit", "source", "where", "grade", "note", "cv", "rse")
    return [dict(quantity=row.path, **{key: getattr(row, key) for key in keys}) for row in rows]
