"""Exact derivatives of traced operations, written in the same operations.

Two liberties, which change the way to the solution and never the solution, for the method holds with any Jacobian: a
lagged signal counts as far as it reads its value now, and x**n with n < 1 has no slope at x = 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .graph import LEAVES, Graph, Symbol, needed_by

TINY: Final = 1e-300


def gradients(graph: Graph, outputs: Sequence[Symbol]) -> list[dict[int, Symbol]]:
    """For every output, its derivative with respect to each pool that it depends on: {pool: symbol}."""
    needed = needed_by(graph, outputs)
    slopes: dict[int, dict[int, Symbol]] = {}
    for index in needed:
        op, *operands = graph.nodes[index]
        slopes[index] = {}
        if op == "pool":
            slopes[index] = {operands[0]: graph.lift(1.0)}
        elif op not in LEAVES:
            for operand, weight in _partials(graph, index, op, operands):
                for pool, slope in slopes[operand].items():
                    term = weight * slope
                    if term.constant() != 0:
                        slopes[index][pool] = slopes[index][pool] + term if pool in slopes[index] else term
    return [slopes[output.index] for output in outputs]


def _partials(graph: Graph, index: int, op: str, operands: Sequence[int]) -> list[tuple[int, Symbol]]:
    """(operand, derivative of the node with respect to it) for one operation."""
    self, one = Symbol(graph, index), graph.lift(1.0)
    if op == "ago":
        _, now, delay = operands
        return [(now, _share_of_now(graph, Symbol(graph, delay)))]
    args = [Symbol(graph, operand) for operand in operands]
    a, b = [*args, one, one][:2]
    match op:
        case "add":
            weights = [one, one]
        case "sub":
            weights = [one, -one]
        case "mul":
            weights = [b, a]
        case "div":
            weights = [one / b, -(self / b)]
        case "neg":
            weights = [-one]
        case "exp":
            weights = [self]
        case "log":
            weights = [one / a]
        case "sqrt":
            weights = [one / (2 * self)]
        case "pow":
            base = graph.do("max", a, TINY)
            weights = [b * (self / base), self * graph.do("log", base), graph.lift(0.0)]
        case "min":
            weights = [graph.do("where", a <= b, 1.0, 0.0), graph.do("where", a <= b, 0.0, 1.0)]
        case "max":
            weights = [graph.do("where", a >= b, 1.0, 0.0), graph.do("where", a >= b, 0.0, 1.0)]
        case "where":
            weights = [graph.lift(0.0), graph.do("where", a, 1.0, 0.0), graph.do("where", a, 0.0, 1.0)]
        case _:  # comparisons step; their slope is 0 where it exists
            weights = [graph.lift(0.0)] * len(operands)
    return [(operand, weight) for operand, weight in zip(operands, weights, strict=True) if weight.constant() != 0]


def _share_of_now(graph: Graph, delay: Symbol) -> Symbol:
    """How much of a lagged signal at the end of a step is its value at that end: 0 unless the step is longer."""
    inside = graph.do("max", 1.0 - delay / graph.symbol("step"), 0.0)
    return inside * inside
