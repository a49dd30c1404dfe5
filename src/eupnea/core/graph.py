"""Equations as a list of operations: what is done to names instead of numbers.

A `Symbol` is a number that is not known yet; whatever a process does with it is written down once (equal operations on
equal operands are one operation).  What cannot be written down (a branch on a state, an unknown function) is refused
with file and line.
"""

from __future__ import annotations

import linecache
import sys
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

# (operation, indexes of earlier nodes ...), or ("const", value), ("pool", i), ("number", i), ("time",), ("step",).
# ("ago", heard, now, delay): a signal as it was; the solver looks it up.  ("pow", a, b, log a): shares its logarithm.
Node = tuple[Any, ...]
LEAVES: Final = ("const", "pool", "number", "time", "step")
_UFUNCS: Final = {
    np.add: "add", np.subtract: "sub", np.multiply: "mul", np.divide: "div", np.negative: "neg", np.power: "pow",
    np.exp: "exp", np.log: "log", np.sqrt: "sqrt", np.minimum: "min", np.maximum: "max",
    np.less: "lt", np.less_equal: "le", np.greater: "gt", np.greater_equal: "ge",
}  # fmt: skip


class TraceError(TypeError):
    """An equation does something that cannot be traced."""


class Graph:
    """Operations in the order in which they can be computed, each kept once."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._known: dict[Node, int] = {}

    def symbol(self, *node: Any) -> Symbol:
        index = self._known.get(node)
        if index is None:
            index = self._known[node] = len(self.nodes)
            self.nodes.append(node)
        return Symbol(self, index)

    def lift(self, value: Any) -> Symbol:
        if isinstance(value, Symbol):
            return value
        if isinstance(value, (bool, int, float, np.floating, np.integer)):
            return self.symbol("const", float(value))
        raise TraceError(f"{_where()}: {type(value).__name__} is not a number that an equation can use")

    def do(self, op: str, *operands: Any) -> Symbol:
        symbols = [self.lift(operand) for operand in operands]
        simpler = _simpler(self, op, symbols)
        if simpler is not None:
            return simpler
        if op == "pow":
            symbols.append(self.do("log", symbols[0]))
        return self.symbol(op, *(s.index for s in symbols))

    def ago(self, heard: int, now: Any, delay: Any) -> Symbol:
        """The signal number `heard`, whose value now is `now`, `delay` minutes ago."""
        return self.symbol("ago", heard, self.lift(now).index, self.lift(delay).index)


class Symbol:
    """A number by name.  Arithmetic on it extends its graph."""

    __slots__ = ("graph", "index")
    __array_priority__ = 1000

    def __init__(self, graph: Graph, index: int) -> None:
        self.graph, self.index = graph, index

    def constant(self) -> float | None:
        node = self.graph.nodes[self.index]
        return node[1] if node[0] == "const" else None

    def __add__(self, other: Any) -> Symbol:
        return self.graph.do("add", self, other)

    def __radd__(self, other: Any) -> Symbol:
        return self.graph.do("add", other, self)

    def __sub__(self, other: Any) -> Symbol:
        return self.graph.do("sub", self, other)

    def __rsub__(self, other: Any) -> Symbol:
        return self.graph.do("sub", other, self)

    def __mul__(self, other: Any) -> Symbol:
        return self.graph.do("mul", self, other)

    def __rmul__(self, other: Any) -> Symbol:
        return self.graph.do("mul", other, self)

    def __truediv__(self, other: Any) -> Symbol:
        return self.graph.do("div", self, other)

    def __rtruediv__(self, other: Any) -> Symbol:
        return self.graph.do("div", other, self)

    def __pow__(self, other: Any) -> Symbol:
        return self.graph.do("pow", self, other)

    def __rpow__(self, other: Any) -> Symbol:
        return self.graph.do("pow", other, self)

    def __neg__(self) -> Symbol:
        return self.graph.do("neg", self)

    def __lt__(self, other: Any) -> Symbol:
        return self.graph.do("lt", self, other)

    def __le__(self, other: Any) -> Symbol:
        return self.graph.do("le", self, other)

    def __gt__(self, other: Any) -> Symbol:
        return self.graph.do("gt", self, other)

    def __ge__(self, other: Any) -> Symbol:
        return self.graph.do("ge", self, other)

    def __bool__(self) -> bool:
        raise TraceError(f"{_where()}: an equation may not branch on a state; use np.where, np.minimum or np.maximum")

    def __float__(self) -> float:
        raise TraceError(f"{_where()}: an equation may not turn a state into a plain number")

    __int__ = __index__ = __len__ = __iter__ = __float__

    def __array_ufunc__(self, ufunc: Any, method: str, *operands: Any, **options: Any) -> Symbol:
        op = _UFUNCS.get(ufunc)
        if op is None or method != "__call__" or options:
            allowed = ", ".join(sorted(_UFUNCS.values()))
            raise TraceError(f"{_where()}: np.{ufunc.__name__} cannot be traced; there are {allowed}")
        return self.graph.do(op, *operands)

    def __array_function__(self, function: Any, types: Any, operands: Any, options: Any) -> Symbol:
        if function is not np.where or len(operands) != 3:
            raise TraceError(f"{_where()}: np.{function.__name__} cannot be traced; np.where(condition, a, b) can")
        return self.graph.do("where", *operands)


def _where() -> str:
    """File and line of the equation that is being traced: the nearest frame outside this file and NumPy."""
    frame = sys._getframe(1)
    while frame is not None and (frame.f_code.co_filename == __file__ or "numpy" in frame.f_code.co_filename):
        frame = frame.f_back  # type: ignore[assignment]
    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
    return f"{frame.f_code.co_filename}:{frame.f_lineno} ({line})"


def _simpler(graph: Graph, op: str, symbols: Sequence[Symbol]) -> Symbol | None:
    """The same value with fewer operations, or None: only what is exact, as x + 0, 1 * x, constants, small powers."""
    values = [s.constant() for s in symbols]
    a, b = [*values, None, None][:2]
    if (op == "add" and a == 0) or (op == "mul" and a == 1):
        return symbols[1]
    if (op in ("add", "sub") and b == 0) or (op in ("mul", "div", "pow") and b == 1):
        return symbols[0]
    if (op == "mul" and 0 in (a, b)) or (op == "div" and a == 0):
        return graph.lift(0.0)
    if op == "sub" and a == 0:
        return graph.do("neg", symbols[1])
    if op == "neg" and a is not None:
        return graph.lift(-a)
    if op == "pow" and b is not None and b == int(b) and 2 <= b <= 8:
        product = symbols[0]
        for _ in range(int(b) - 1):
            product = product * symbols[0]
        return product
    if None not in (a, b) and op in ("add", "sub", "mul", "div") and not (op == "div" and b == 0):
        x, y = float(a), float(b)  # type: ignore[arg-type]
        return graph.lift({"add": x + y, "sub": x - y, "mul": x * y, "div": x / y if y else 0.0}[op])
    return None


def operands_of(node: Node) -> Sequence[int]:
    """The earlier nodes that a node is made of."""
    op, *operands = node
    if op in LEAVES:
        return ()
    return operands[1:] if op == "ago" else operands


def needed_by(graph: Graph, outputs: Sequence[Symbol]) -> list[int]:
    """Indexes of the nodes that the outputs need, in the order of computing."""
    found: set[int] = set()
    waiting = [output.index for output in outputs]
    while waiting:
        index = waiting.pop()
        if index not in found:
            found.add(index)
            waiting += operands_of(graph.nodes[index])
    return sorted(found)
