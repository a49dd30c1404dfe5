"""Names as one copy of a process sees them: s, d and p of `flow(t, s, d, p)`."""

from __future__ import annotations

import functools
from collections.abc import Mapping
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


@functools.cache
def _candidates(scopes: tuple[str, ...], word: str) -> tuple[str, ...]:
    return tuple(f"{scope}{word}" for scope in scopes)


class View:
    """Names as one copy sees them: its own first, then the drug's, then everybody's."""

    __slots__ = ("_scopes", "_values", "drugs", "into", "name")

    def __init__(self, scopes: tuple[str, ...], values: Mapping[str, Any], name: str = "") -> None:
        object.__setattr__(self, "_scopes", scopes)
        object.__setattr__(self, "_values", values)
        object.__setattr__(self, "name", name)

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


class Rates(View):
    """Rates of pools: `d.central += flow`."""

    __slots__ = ()

    def __setattr__(self, word: str, value: Any) -> None:
        if getattr(self, word) is not value:
            raise AttributeError(f"d.{word} is a sum of flows: write d.{word} += flow, not d.{word} = ...")


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
    copy: Copy, known: Mapping[str, Any], rates: Mapping[str, Any], numbers: Mapping[str, Any]
) -> tuple[View, View, View]:
    s = View(state_scopes(copy, copy.drug), known, copy.drug or "")
    d = Rates(state_scopes(copy, copy.drug), rates)
    p = Numbers(parameter_scopes(copy), numbers)
    if copy.into is not None:
        object.__setattr__(s, "into", View(state_scopes(copy, copy.into), known, copy.into))
        object.__setattr__(d, "into", Rates(state_scopes(copy, copy.into), rates))
    if copy.drug is None:
        object.__setattr__(s, "drugs", [View(state_scopes(copy, m), known, m) for m in copy.members])
        object.__setattr__(d, "drugs", [Rates(state_scopes(copy, m), rates) for m in copy.members])
        object.__setattr__(p, "drugs", [Numbers(parameter_scopes(copy, m), numbers, m) for m in copy.members])
    return s, d, p
