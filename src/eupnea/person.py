"""The order in which processes are evaluated: the whole coupling of the model, written once, where one can read it.

A process may read the signals of those above it.  A different model is a different order; nothing is switched inside.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from eupnea import care
from eupnea.core.check import check
from eupnea.core.compose import System, compose, reachable
from eupnea.core.copies import Copy, signals_of
from eupnea.core.library import Library, load
from eupnea.core.process import Process, process
from eupnea.core.reach import silent
from eupnea.language import DrugWords, Vocabulary
from eupnea.outcomes import FUNCTIONS, NAMED
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
    "mouth",
    "gut_esterase",
    "gut_glucuronidation",
    "liver",
    "hepatic_esterase",
    "glucuronidation",
    "oxidation",
    "alcohol_dehydrogenase",
    "other_metabolism",
    "bile",
    "excretion",
    "circulation",
    "brain",
    "receptor",
    "tolerance",
    "sedation",
    "sympathetic",
    "rescue",
    "blood_flow",
    "sleep",
    "wakefulness",
    "tissues",
    "alertness",
    "obstruction",
    "rigidity",
    "breath",
    "metabolism",
    "bag",
    "exchange",
    "laboratory",
    "transport",
    "autoregulation",
    "chemoreflex",
    "decline",
    "heart",
    "injury",
    "antidote",
    "reward",
    "analgesia",
    "pupil",
)
MANN2022: Final = (
    "perfusion",
    "shrinkage",
    "compartments",
    "transit",
    "spray",
    "washout",
    "plasma",
    "effect_site",
    "binding",
    "tolerance",
    "vigil",
    "wakefulness",
    "ventilation",
    "tissues",
    "metabolism",
    "gas",
    "autoregulation",
    "early_transport",
    "chemoreflex",
    "depression",
    "saturation",
    "arrest",
)
MODELS: Final = MappingProxyType({"eupnea": ORDER, "mann2022": MANN2022})


@functools.cache
def processes(model: str = "eupnea") -> tuple[Process, ...]:
    """The processes of a model, in their order."""
    return tuple(process(importlib.import_module(f"eupnea.body.{name}")) for name in MODELS[model])


@functools.cache
def library(model: str = "eupnea") -> Library:
    """A model's data, checked against the equations that read it.  Raises InputErrors."""
    loaded = load(model="" if model == "eupnea" else model)
    check([processes(name) for name in MODELS], loaded, processes(model))
    return loaded


def system(model: str, drugs: Iterable[str]) -> System:
    """The model for these drugs and all that they turn into."""
    return compose(processes(model), library(model), drugs)


@functools.cache
def whole(model: str = "eupnea") -> System:
    """The model for every drug that it has a way in for, or that one of them turns into: all names of its scenarios."""
    every = system(model, library(model).drugs)
    return system(model, {drug for drug, _, _ in every.doses})


@functools.cache
def vocabulary(model: str = "eupnea") -> Vocabulary:
    """Every name that a scenario of a model may use, from the data and the rooms that own them."""
    full = whole(model)
    products: dict[str, dict[str, tuple[str, ...]]] = {name: {} for name in full.drugs}
    for drug, route, product in full.doses:
        products[drug][product] = (*products[drug].get(product, ()), route)
    drugs = {}
    for name in full.drugs:
        known, routes = library(model).drugs[name], dict.fromkeys(sum(products[name].values(), ()))
        drugs[name] = DrugWords(
            known.title, known.molar_mass, tuple(routes), tuple(known.forms), known.form, known.told
        )
    named = {name: one for name, one in NAMED.items() if set(one.signals) <= set(full.signals)}
    pools = dict(zip(full.pools, full.units, strict=True))
    rows = {row.path: row.unit for row in full.rows}
    limits = {row.path: row.limits for row in full.rows}
    for name, treatment in library(model).care.items():
        limits |= {f"{name}.{key}": row.limits for key, row in treatment.rows.items()}
    below = {row.path: f"{row.path.rpartition('.')[0]}.{row.below}" for row in full.rows if row.below}
    return Vocabulary(
        drugs=drugs,
        signals={**full.signals, **pools},
        quantities=rows,
        limits=limits,
        below=below,
        typical={row.path: row.value for row in full.rows if {row.path} & {*below, *below.values()}},
        functions=FUNCTIONS,
        outcomes={name: one.unit for name, one in named.items()},
        models=tuple(MODELS),
        levels=levels(library(model)),
        products=products,
        titles={**full.titles, **{name: one.line for name, one in named.items()}},
        treatments=care.treatments(library(model), rows),
        at_rest=dict.fromkeys(silent(full), 0.0),
        becomes={name: reachable(library(model), [name]) for name in full.drugs},
        acting=frozenset(drug for copy in full.copies if not copy.process.each for drug in copy.members),
        quiet=functools.partial(_quiet, model),
    )


@functools.cache
def _quiet(model: str, given: frozenset[str]) -> frozenset[str]:
    """Signals and pools that stay 0 as long as no other drug is given than these."""
    full = whole(model)
    return frozenset(silent(full, [pool for (drug, _, _), pool in full.doses.items() if drug in given]))


def signal_names(model: str = "eupnea") -> dict[str, tuple[str, str]]:
    """signal -> (unit, title), for `eupnea list signals`."""
    copies: tuple[Copy, ...] = whole(model).copies
    return {name: (unit, title) for copy in copies for name, unit, title in signals_of(copy)}
