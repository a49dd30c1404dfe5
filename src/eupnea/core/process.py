"""What a process module says of itself, as a plain record.

each       = "drug"                     one copy for every drug whose file has a table of the module's name
routes     = dict(iv="lung")            a dose by this route enters this pool of the drug
pools      = dict(central="nmol")       state, with unit
needs      = dict(v1="L")               the rows that one copy reads, exactly
shared     = dict(flow="L/min")         with `each`: rows of data/body/NAME.toml, the same for every copy
drugs      = dict(k="nmol/L")           without `each`: the rows that each drug's own table NAME gives
drug_pools = dict(bound="1")            without `each`: one such pool for every drug that has the table
gives      = dict(arterial="nmol/L")    the signals that `flow` returns ("each_drug": one named after every drug)
title      = dict(arterial="...")       a line for each of them

hears      = dict(paco2="mmHg")         signals or pools read as they were some time ago: s.ago("paco2", delay)
ends       = ("standstill",)            events of its own after which a person stands still: nothing flows any more

def start(p): ...                       initial values of pools, where they are not 0
def flow(t, s, d, p): ...               adds flows to d.POOL, returns the signals
def crosses(t, s, p): ...               {event: value}; an event is the value's rise above 0
def NAME(t, s, d, p): ...               what the event NAME assigns: d.POOL = value

`crosses` and its events are asked when every process has run, and may read all signals.  A function of a module that
is none of these has a name that begins with `_`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any

from .errors import nearest

WORDS = ("routes", "pools", "needs", "shared", "drugs", "drug_pools", "gives", "title", "hears")
_ALLOWED = ("each", *WORDS, "ends", "start", "flow", "crosses")


@dataclass(frozen=True)
class Process:
    name: str
    each: bool
    flow: Callable[..., Mapping[str, Any] | None]
    start: Callable[..., Mapping[str, Any]] | None
    doc: str
    routes: Mapping[str, str] = field(default_factory=dict)
    pools: Mapping[str, str] = field(default_factory=dict)
    needs: Mapping[str, str] = field(default_factory=dict)
    shared: Mapping[str, str] = field(default_factory=dict)
    drugs: Mapping[str, str] = field(default_factory=dict)
    drug_pools: Mapping[str, str] = field(default_factory=dict)
    gives: Mapping[str, str] = field(default_factory=dict)
    title: Mapping[str, str] = field(default_factory=dict)
    hears: Mapping[str, str] = field(default_factory=dict)
    crosses: Callable[..., Mapping[str, Any]] | None = None
    events: Mapping[str, Callable[..., None]] = field(default_factory=dict)
    ends: tuple[str, ...] = ()


def process(module: ModuleType) -> Process:
    """The record of one module.  Raises TypeError where the module says something that does not go together."""
    name = module.__name__.rsplit(".", 1)[-1]
    events = {}
    for word, thing in vars(module).items():
        if word.startswith("_") or isinstance(thing, ModuleType) or word in _ALLOWED:
            continue
        if not isinstance(thing, FunctionType) or not hasattr(module, "crosses"):
            raise TypeError(f"{name}: unknown word `{word}`{nearest(word, _ALLOWED)}")
        events[word] = thing
    crosses = getattr(module, "crosses", None)
    if crosses is not None and not events:
        raise TypeError(f"{name}: `crosses` names events, but there is no function NAME(t, s, d, p) of such a name")
    ends = tuple(getattr(module, "ends", ()))
    for event in ends:
        if event not in events:
            raise TypeError(f"{name}: `ends` names '{event}', which is no event of it{nearest(event, events)}")
    words = {word: getattr(module, word, {}) for word in WORDS}
    each = getattr(module, "each", None)
    if each not in (None, "drug"):
        raise TypeError(f"{name}: each = {each!r}; it is 'drug' or absent")
    if each and (words["drugs"] or words["drug_pools"]):
        raise TypeError(f"{name}: `drugs` and `drug_pools` are for a process without each = 'drug'")
    if not each and (words["shared"] or words["routes"]):
        raise TypeError(f"{name}: `shared` and `routes` are for a process with each = 'drug'")
    lacking = set(words["gives"]) ^ set(words["title"])
    if lacking:
        raise TypeError(f"{name}: `gives` and `title` name different signals: {', '.join(sorted(lacking))}")
    doc = (module.__doc__ or "").strip()
    start = getattr(module, "start", None)
    return Process(name, bool(each), module.flow, start, doc, **words, crosses=crosses, events=events, ends=ends)
