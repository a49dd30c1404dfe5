"""Traced operations -> machine code: straight-line LLVM IR, compiled once (`core/objects.py`).

A function is `void f(double t, double* pools, double* numbers, double* out)`; the solver calls it by its address.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from .compose import System
from .objects import key_of, load

_FUNCTIONS = ("rates", "signals", "jacobian")
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Native:
    """Addresses of the compiled functions of one system, and the places of its Jacobian's entries."""

    rates: int
    signals: int
    jacobian: int
    entries: np.ndarray  # (entries, 2) row, column
    paths: tuple[tuple[str, str | None, str | None], ...]  # (flow, pool it leaves, pool it enters)
    _keep: Any  # the engine that owns the code

    def call(self, name: str, t: float, y: np.ndarray, p: np.ndarray, size: int) -> np.ndarray:
        """One function from Python, for tests: the values it writes."""
        out = np.zeros(size)
        pointer = ctypes.POINTER(ctypes.c_double)
        kind = ctypes.CFUNCTYPE(None, ctypes.c_double, pointer, pointer, pointer)
        arrays = [np.ascontiguousarray(a, dtype=float) for a in (y, p)] + [out]
        kind(getattr(self, name))(t, *(a.ctypes.data_as(pointer) for a in arrays))
        return out


def compiled(system: System) -> Native:
    """Machine code of `system`: from the cache if it is there, else traced, compiled and stored."""
    engine, beside = load(_key(system), lambda: _build(system))
    addresses = {name: engine.get_function_address(name) for name in _FUNCTIONS}
    entries = np.array(beside["entries"], dtype=np.int64).reshape(-1, 2)
    return Native(**addresses, entries=entries, paths=tuple(map(tuple, beside["paths"])), _keep=engine)


def _key(system: System) -> str:
    """All that the code depends on: the sources that write it, those of the processes, and the names in their order."""
    files = [_HERE / f"{name}.py" for name in ("compose", "copies", "native", "process", "trace", "views")]
    flows = dict.fromkeys(copy.process.flow for copy in system.copies)
    files += [file for file in dict.fromkeys(Path(flow.__code__.co_filename) for flow in flows) if file.is_file()]
    inside = [
        (flow.__code__.co_code.hex(), [repr(cell.cell_contents) for cell in flow.__closure__ or ()]) for flow in flows
    ]
    copies = [(c.process.name, c.drug, c.part, c.into, c.members) for c in system.copies]
    return key_of(files, inside, copies, system.pools, system.idle, system.parameters, [*system.signals])


def _build(system: System) -> tuple[str, Iterable[str], dict[str, Any]]:
    from .trace import paths, trace  # only when nothing is stored

    traced = trace(system)
    outputs = {"rates": traced.rates, "signals": traced.signals, "jacobian": traced.jacobian}
    functions = [_function(name, traced.graph, outputs[name]) for name in _FUNCTIONS]
    return "\n".join([_DECLARE, *functions]), _FUNCTIONS, {"entries": traced.entries, "paths": paths(system, traced)}


# --- the writer -----------------------------------------------------------------------------------------------------

_DECLARE = "\n".join(
    [
        *(f"declare double @llvm.{f}.f64(double)" for f in ("exp", "log", "sqrt")),
        "declare double @llvm.pow.f64(double, double)",
    ]
)
_BINARY: Final = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv"}
_COMPARE: Final = {"lt": "olt", "le": "ole", "gt": "ogt", "ge": "oge", "min": "ole", "max": "oge"}


def _function(name: str, graph: Any, outputs: Sequence[Any]) -> str:
    from .trace import needed_by

    lines = [f"define void @{name}(double %t, ptr noalias %y, ptr noalias %p, ptr noalias %out) {{"]
    names: dict[int, str] = {}
    for index in needed_by(graph, outputs):
        op, *operands = graph.nodes[index]
        here = names[index] = f"%v{index}"
        if op == "const":
            names[index] = _literal(operands[0])
        elif op == "time":
            names[index] = "%t"
        elif op in ("pool", "number"):
            array = "%y" if op == "pool" else "%p"
            lines.append(f"{here}p = getelementptr double, ptr {array}, i64 {operands[0]}")
            lines.append(f"{here} = load double, ptr {here}p")
        else:
            lines += _operation(here, op, [names[i] for i in operands])
    for place, symbol in enumerate(outputs):
        lines.append(f"%o{place} = getelementptr double, ptr %out, i64 {place}")
        lines.append(f"store double {names[symbol.index]}, ptr %o{place}")
    return "\n".join([*lines, "ret void", "}"])


def _operation(here: str, op: str, args: Sequence[str]) -> list[str]:
    if op in _BINARY:
        return [f"{here} = {_BINARY[op]} double {args[0]}, {args[1]}"]
    if op == "neg":
        return [f"{here} = fneg double {args[0]}"]
    if op in ("exp", "log", "sqrt"):
        return [f"{here} = call double @llvm.{op}.f64(double {args[0]})"]
    if op == "pow":
        return [f"{here} = call double @llvm.pow.f64(double {args[0]}, double {args[1]})"]
    if op == "where":
        return [
            f"{here}c = fcmp one double {args[0]}, {_literal(0.0)}",
            f"{here} = select i1 {here}c, double {args[1]}, double {args[2]}",
        ]
    compare = f"{here}c = fcmp {_COMPARE[op]} double {args[0]}, {args[1]}"
    chosen = args if op in ("min", "max") else (_literal(1.0), _literal(0.0))
    return [compare, f"{here} = select i1 {here}c, double {chosen[0]}, double {chosen[1]}"]


def _literal(value: float) -> str:
    return f"0x{np.float64(value).view(np.uint64):016x}"
