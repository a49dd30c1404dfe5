"""A system, evaluated once on names: the operations of its rates, Jacobian, signals and events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .compose import System, assign, evaluate
from .gradients import gradients
from .graph import Graph, Symbol


@dataclass(frozen=True)
class Traced:
    """The operations of a system: rates of all pools, the Jacobian's entries that are not 0, all signals, the functions
    whose rise through 0 is an event, and what events assign."""

    graph: Graph
    rates: tuple[Symbol, ...]
    entries: tuple[tuple[int, int], ...]  # (row, column): d rate[row] / d pool[column]
    jacobian: tuple[Symbol, ...]
    signals: tuple[Symbol, ...]
    crossings: tuple[Symbol, ...]
    assigned: tuple[tuple[int, int], ...]  # (event, pool) ...
    values: tuple[Symbol, ...]  # ... and the value


def trace(system: System) -> Traced:
    """Run the processes of `system` once on symbols."""
    graph = Graph()
    t = graph.symbol("time")
    y = [graph.symbol("pool", i) for i in range(len(system.pools))]
    p = [graph.symbol("number", i) for i in range(len(system.parameters))]

    def ago(name: str, now: Any, delay: Any) -> Symbol:
        return graph.ago(system.heard.index(name), now, delay)

    found, signals, crossings = evaluate(system, t, y, p, ago)
    rates = [graph.lift(rate) for rate in found]
    slopes = gradients(graph, rates)
    entries = tuple((row, column) for row, slope in enumerate(slopes) for column in sorted(slope))
    changes = [
        (number, pool, graph.lift(value))
        for number, event in enumerate(system.events)
        for pool, value in assign(system, event, t, y, p, ago).items()
    ]
    return Traced(
        graph=graph,
        rates=tuple(rates),
        entries=entries,
        jacobian=tuple(slopes[row][column] for row, column in entries),
        signals=tuple(graph.lift(signal) for signal in signals.values()),
        crossings=tuple(graph.lift(crossings[event]) for event in system.events),
        assigned=tuple((number, pool) for number, pool, _ in changes),
        values=tuple(value for _, _, value in changes),
    )


def paths(system: System, traced: Traced) -> list[tuple[str, str | None, str | None]]:
    """(signal, pool it leaves, pool it enters) of every signal that is a flow: what the equations say, read back."""
    graph = traced.graph
    exact: dict[tuple[int, int], str] = {}
    shares: dict[tuple[int, int], str] = {}
    for pool, rate in zip(system.pools, traced.rates, strict=True):
        for node, sign in _terms(graph, rate.index):
            exact.setdefault((node, sign), pool)
            if graph.nodes[node][0] == "mul":  # a share of the flow
                shares |= {(part, sign): pool for part in graph.nodes[node][1:]}
    where = {**shares, **exact}
    found = []
    for name, symbol in zip(system.signals, traced.signals, strict=True):
        leaves, enters = where.get((symbol.index, -1)), where.get((symbol.index, 1))
        if system.signals[name] == "nmol/min" and symbol.constant() is None and (leaves or enters):
            found.append((name, leaves, enters))
    return found


def _terms(graph: Graph, index: int) -> list[tuple[int, int]]:
    """(node, sign) of the terms that a rate is the sum of."""
    terms, waiting = [], [(index, 1)]
    while waiting:
        node, sign = waiting.pop()
        op, *operands = graph.nodes[node]
        if op == "add":
            waiting += [(operands[0], sign), (operands[1], sign)]
        elif op == "sub":
            waiting += [(operands[0], sign), (operands[1], -sign)]
        elif op == "neg":
            waiting.append((operands[0], -sign))
        terms.append((node, sign))
    return terms
