"""The order in which processes are evaluated: the whole coupling of the model, written once, where one can read it.

A process may read the signals of those above it.  A different model is a different order; nothing is switched inside.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from eupnea.core.compose import System, check, compose
from eupnea.core.copies import Copy, signals_of
from eupnea.core.library import Library, load
from eupnea.core.process import Process, process
from eupnea.language import DrugWords, Vocabulary
from eupnea.outcomes import FUNCTIONS
from eupnea.people import levels

ORDER: Final = (
    "disposition",
    "airway",
    "lung",
    "pulmonary",
    "distribution",
    "plasma_esterase",
    "red_cell_esterase",
    "absorption",
    "depot_esterase",
    "nose",
    "nasal_esterase",
    "gut",
    "rectum",
    "gut_esterase",
    "gut_glucuronidation",
    "liver",
    "hepatic_esterase",
    "glucuronidation",
    "oxidation",
    "other_metabolism",
    "bile",
    "excretion",
    "circulation",
    "brain",
    "receptor",
    "reward",
    "analgesia",
    "pupil",
)
MODELS: Final = MappingProxyType({"eupnea": ORDER})


@functools.cache
def processes(model: str = "eupnea") -> tuple[Process, ...]:
    """The processes of a model, in their order."""
    return tuple(process(importlib.import_module(f"eupnea.body.{name}")) for name in MODELS[model])


@functools.cache
def library() -> Library:
    """The data, checked against the equations that read it.  Raises InputErrors."""
    loaded = load()
    check([processes(model) for model in MODELS], loaded)
    return loaded


def system(model: str, drugs: Iterable[str]) -> System:
    """The model for these drugs and all that they turn into."""
    return compose(processes(model), library(), drugs)


@functools.cache
def whole(model: str = "eupnea") -> System:
    """The model for every drug there is: all names that a scenario may use."""
    return system(model, library().drugs)


@functools.cache
def vocabulary() -> Vocabulary:
    """Every name that a scenario may use, from the data and the rooms that own them."""
    full = whole()
    routes: dict[str, list[str]] = {name: [] for name in full.drugs}
    for drug, route in full.doses:
        routes[drug].append(route)
    drugs = {
        name: DrugWords(drug.title, drug.molar_mass, tuple(routes[name]), tuple(drug.forms), drug.form)
        for name, drug in library().drugs.items()
    }
    pools = dict(zip(full.pools, full.units, strict=True))
    rows = {row.path: row.unit for row in full.rows}
    return Vocabulary(
        drugs=drugs,
        signals={**full.signals, **pools},
        quantities=rows,
        functions=FUNCTIONS,
        models=tuple(MODELS),
        levels=levels(library()),
        titles=full.titles,
    )


def signal_names(model: str = "eupnea") -> dict[str, tuple[str, str]]:
    """signal -> (unit, title), for `eupnea list signals`."""
    copies: tuple[Copy, ...] = whole(model).copies
    return {name: (unit, title) for copy in copies for name, unit, title in signals_of(copy)}
