"""Names as one copy of a process sees them: s, d and p of `flow(t, s, d, p)`, and of its events."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .copies import Copy


class Rate:
    """What flows into a pool; flows can be added and taken away, never assigned."""

    __slots__ = ("total",)

    def __init__(self) -> None:
        self.total: Any = 0.0

    def __iadd__(self, flow: Any) -> Rate:
        self.total = self.total + flow
        return self

    def __isub__(self, flow: Any) -> Rate:
        self.total = self.total - flow
        return self


class Assigned:
    """What an event makes of a pool: None if it leaves it as it is."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value: Any = None

    def __iadd__(self, other: Any) -> Assigned:
        raise AttributeError("an event assigns: write d.POOL = s.POOL + ..., not d.POOL += ...")

    __isub__ = __iadd__


@functools.cache
def _candidates(scopes: tuple[str, ...], word: str) -> tuple[str, ...]:
    return tuple(f"{scope}{word}" for scope in scopes)


@dataclass(frozen=True)
class Ear:
    """What a copy may hear, and how the past is asked: ago(full name, value now, delay)."""

    hears: Mapping[str, str]
    ago: Callable[[str, Any, Any], Any]


class View:
    """Names as one copy sees them: its own first, then the drug's, then everybody's."""

    __slots__ = ("_ear", "_scopes", "_values", "drugs", "into", "name", "products")

    def __init__(
        self, scopes: tuple[str, ...], values: Mapping[str, Any], name: str = "", ear: Ear | None = None
    ) -> None:
        object.__setattr__(self, "_scopes", scopes)
        object.__setattr__(self, "_values", values)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "_ear", ear)

    def ago(self, word: str, delay: Any) -> Any:
        """A signal or a pool as it was `delay` minutes ago."""
        ear: Ear | None = self._ear
        if ear is None or word not in ear.hears:
            raise AttributeError(f"'{word}' is heard here, but `hears` does not name it")
        for name in _candidates(self._scopes, word):
            value = self._values.get(name)
            if value is not None:
                return ear.ago(name, value, delay)
        raise AttributeError(f"no '{word}' here yet, which is heard")

    def __getattr__(self, word: str) -> Any:
        for name in _candidates(self._scopes, word):
            value = self._values.get(name)
            if value is not None:
                return value
        if any(known.startswith(f"{word}.") for known in self._values):
            return type(self)((f"{word}.",), self._values)
        here = sorted({k[len(s) :] for s in self._scopes for k in self._values if k.startswith(s)})
        raise AttributeError(f"no '{word}' here yet; there are {', '.join(here)}")


class Numbers(View):
    """Parameters of one copy."""

    __slots__ = ()


class Rates(View):
    """Rates of pools: `d.central += flow`."""

    __slots__ = ()

    def __setattr__(self, word: str, value: Any) -> None:
        if getattr(self, word) is not value:
            raise AttributeError(f"d.{word} is a sum of flows: write d.{word} += flow, not d.{word} = ...")


class Assignments(View):
    """Pools as an event sees them: `d.flag = 1`."""

    __slots__ = ()

    def __setattr__(self, word: str, value: Any) -> None:
        pool = getattr(self, word)
        if not isinstance(pool, Assigned):
            raise AttributeError(f"d.{word} is no pool that an event can assign")
        pool.value = value


@functools.cache
def state_scopes(copy: Copy, drug: str | None) -> tuple[str, ...]:
    part, name = copy.part, copy.process.name
    if drug is None:
        return (f"{part}.", f"{name}.", "") if part else (f"{name}.", "")
    own = (f"{drug}.{part}.", f"{drug}.") if part else (f"{drug}.",)
    if copy.drug is None:
        return (f"{copy.place}.{drug}.", *own)
    return (*own, "")


@functools.cache
def parameter_scopes(copy: Copy, drug: str | None = None) -> tuple[str, ...]:
    name, owner = copy.process.name, drug or copy.drug
    tail = f"{name}.{copy.part}." if copy.part else f"{name}."
    if drug is not None:
        return (f"{owner}.{tail}",)
    return (f"{owner}.{tail}", f"{name}.") if owner else (tail,)


def views(
    copy: Copy,
    known: Mapping[str, Any],
    pools: Mapping[str, Rate] | Mapping[str, Assigned],
    numbers: Mapping[str, Any],
    ago: Callable[[str, Any, Any], Any],
    sink: type[View] = Rates,
) -> tuple[View, View, View]:
    """s, d and p of one copy.  sink: what d is, a sum of flows or what an event assigns."""
    ear = Ear(copy.process.hears, ago) if copy.process.hears else None
    s = View(state_scopes(copy, copy.drug), known, copy.drug or "", ear)
    d = sink(state_scopes(copy, copy.drug), pools)
    p = Numbers(parameter_scopes(copy), numbers)
    if copy.into is not None:
        object.__setattr__(s, "into", View(state_scopes(copy, copy.into), known, copy.into, ear))
        object.__setattr__(d, "into", sink(state_scopes(copy, copy.into), pools))
    if copy.drug is None:
        object.__setattr__(s, "drugs", [View(state_scopes(copy, m), known, m, ear) for m in copy.members])
        object.__setattr__(d, "drugs", [sink(state_scopes(copy, m), pools) for m in copy.members])
        object.__setattr__(p, "drugs", [Numbers(parameter_scopes(copy, m), numbers, m) for m in copy.members])
    elif not copy.part:
        own = [View((f"{copy.drug}.{product}.",), known, product) for product in copy.products]
        object.__setattr__(s, "products", own)
    return s, d, p
