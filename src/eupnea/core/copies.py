"""One process at work, and the names that its signals have in a system."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from .process import Process


@dataclass(frozen=True, eq=False)
class Copy:
    """One process at work: for one drug and part, or for the body as a whole."""

    process: Process
    drug: str | None
    part: str
    into: str | None
    members: tuple[str, ...]  # the drugs that a process without `each` iterates over
    products: tuple[str, ...] = ()  # the products of its drug that stand before it, for s.products

    @functools.cached_property
    def names(self) -> list[tuple[str, str]]:
        """(signal, what flow calls it) of every signal that it gives."""
        return [(name, name.rsplit(".", 1)[-1]) for name, _, _ in signals_of(self)]

    @functools.cached_property
    def events(self) -> list[tuple[str, str]]:
        """(event, what the process calls it) of every event that it watches for."""
        return [(f"{self.place}.{name}", name) for name in self.process.events]

    @functools.cached_property
    def place(self) -> str:
        """Where its pools and signals are named: 'heroin', 'heroin.im', 'mop', or the process's own name."""
        if self.drug is not None:
            return f"{self.drug}.{self.part}" if self.part else self.drug
        return self.part or self.process.name


def signals_of(copy: Copy) -> list[tuple[str, str, str]]:
    """(name, unit, title) of every signal that this copy gives."""
    prefix = f"{copy.place}." if copy.drug or copy.part else ""
    found = []
    for name, unit in copy.process.gives.items():
        title = copy.process.title[name]
        if name == "each_drug":
            found += [(f"{copy.place}.{drug}", unit, title) for drug in copy.members]
        else:
            found.append((f"{prefix}{name}", unit, title))
    return found
