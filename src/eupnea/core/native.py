"""Traced operations -> machine code: straight-line LLVM IR, compiled once (`core/objects.py`).

A function is `void f(double* t, double* pools, double* numbers, void* ago, double* out)` on arrays with WIDTH people
side by side; the solver calls it by its address.  `ago` is memory of the solver: the address of its function that looks
up what a signal was, the lengths of the steps that are being taken, and what that function needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from . import algebra, elementary
from .compose import System
from .elementary import WIDTH, literal, vector
from .meaning import meaning
from .objects import key_of, load, sources_of
from .process import WORDS
from .sparse import eliminate

FUNCTIONS = ("node", "rates", "signals", "assign")
ALGEBRA = ("factor", "solve")
WRITERS: Final = sources_of(  # read when they are imported, and not again
    Path(__file__).parent, "algebra compose copies elementary gradients graph native process sparse trace views"
)


@dataclass(frozen=True)
class Native:
    """Addresses of the compiled functions of one system, and the places of what they write.

    node: rates of all pools, then the entries of the Jacobian.  signals: all signals, then the crossings.
    factor, solve: see `core/algebra.py`.
    """

    node: int
    rates: int
    signals: int
    assign: int
    factor: int
    solve: int
    fill: int  # entries of the factored matrix
    entries: np.ndarray  # (entries, 2) row, column
    assigned: np.ndarray  # (assigned, 2) event, pool
    events: int
    sites: int  # lagged signals: how many different look-ups
    paths: tuple[tuple[str, str | None, str | None], ...]  # (flow, pool it leaves, pool it enters)
    _keep: Any  # the engine that owns the code


def compiled(system: System) -> Native:
    """Machine code of `system`: from the cache if it is there, else traced, compiled and stored."""
    engine, beside = load(_key(system), lambda: _build(system), WRITERS)

    def pairs(name: str) -> np.ndarray:
        return np.array(beside[name], dtype=np.int64).reshape(-1, 2)

    return Native(
        **{name: engine.get_function_address(name) for name in (*FUNCTIONS, *ALGEBRA)},
        fill=beside["fill"],
        entries=pairs("entries"),
        assigned=pairs("assigned"),
        events=beside["events"],
        sites=beside["sites"],
        paths=tuple(map(tuple, beside["paths"])),
        _keep=engine,
    )


def _key(system: System) -> str:
    """All that the code depends on: what writes it, the processes as they were imported, the names in their order."""
    processes = {copy.process.name: copy.process for copy in system.copies}.values()
    inside = [meaning(f) for p in processes for f in (p.flow, p.crosses, *p.events.values()) if f is not None]
    words = [[p.each, *(dict(getattr(p, word)) for word in WORDS), p.ends] for p in processes]
    copies = [(c.process.name, c.drug, c.part, c.into, c.members) for c in system.copies]
    names = system.pools, system.idle, system.parameters, [*system.signals], system.heard, system.events
    return key_of(WRITERS, inside, words, copies, *names)


def _build(system: System) -> tuple[str, Iterable[str], dict[str, Any]]:
    from .trace import paths, trace  # only when nothing is stored

    traced = trace(system)
    outputs = {
        "node": (*traced.rates, *traced.jacobian),
        "rates": traced.rates,
        "signals": (*traced.signals, *traced.crossings),
        "assign": traced.values,
    }
    sites = [node for node in traced.graph.nodes if node[0] == "ago"]
    functions = [_function(name, traced.graph, outputs[name], sites) for name in FUNCTIONS]
    walk = eliminate(len(system.pools), traced.entries)
    beside = dict(entries=traced.entries, assigned=traced.assigned, events=len(traced.crossings), sites=len(sites))
    beside |= dict(paths=paths(system, traced), fill=walk.size)
    text = [elementary.text(), *functions, algebra.factor(walk), algebra.solve(walk)]
    return "\n".join(text), (*FUNCTIONS, *ALGEBRA), beside


# --- the writer -----------------------------------------------------------------------------------------------------

_BINARY: Final = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv"}
_COMPARE: Final = {"lt": "olt", "le": "ole", "gt": "ogt", "ge": "oge", "min": "ole", "max": "oge"}
_V: Final = vector()
_ARRAYS: Final = {"time": "%t", "pool": "%y", "number": "%p"}


def _function(name: str, graph: Any, outputs: Sequence[Any], sites: Sequence[Any]) -> str:
    from .graph import needed_by

    lines = [
        f"define void @{name}(ptr noalias %t, ptr noalias %y, ptr noalias %p, ptr %ago, ptr noalias %out) {{",
        f"%now = alloca {_V}", f"%delay = alloca {_V}", f"%then = alloca {_V}",
    ]  # fmt: skip
    names: dict[int, str] = {}
    for index in needed_by(graph, outputs):
        op, *operands = graph.nodes[index]
        here = names[index] = f"%v{index}"
        if op == "const":
            names[index] = literal(operands[0])
        elif op in _ARRAYS:
            lines += _load(here, _ARRAYS[op], operands[0] if operands else 0)
        elif op == "step":
            lines += [f"{here}a = getelementptr i64, ptr %ago, i64 1", f"{here}h = load ptr, ptr {here}a"]
            lines += _load(here, f"{here}h", 0)
        elif op == "ago":
            heard, now, delay = operands
            lines += _look_up(here, sites.index(graph.nodes[index]), heard, names[now], names[delay])
        else:
            lines += _operation(here, op, [names[i] for i in operands])
    for place, symbol in enumerate(outputs):
        lines.append(f"%o{place} = getelementptr {_V}, ptr %out, i64 {place}")
        lines.append(f"store {_V} {names[symbol.index]}, ptr %o{place}, align 8")
    return "\n".join([*lines, "ret void", "}"])


def _load(here: str, array: str, place: int) -> list[str]:
    return [f"{here}p = getelementptr {_V}, ptr {array}, i64 {place}", f"{here} = load {_V}, ptr {here}p, align 8"]


def _look_up(here: str, site: int, heard: int, now: str, delay: str) -> list[str]:
    """The solver's own function, whose address is the first word of `ago`, fills %then."""
    return [
        f"store {_V} {now}, ptr %now, align 8",
        f"store {_V} {delay}, ptr %delay, align 8",
        f"{here}f = load ptr, ptr %ago",
        f"call void {here}f(ptr %ago, i64 {site}, i64 {heard}, ptr %t, ptr %now, ptr %delay, ptr %then)",
        f"{here} = load {_V}, ptr %then, align 8",
    ]


def _operation(here: str, op: str, args: Sequence[str]) -> list[str]:
    if op in _BINARY:
        return [f"{here} = {_BINARY[op]} {_V} {args[0]}, {args[1]}"]
    if op == "neg":
        return [f"{here} = fneg {_V} {args[0]}"]
    if op in ("exp", "log"):
        return [f"{here} = call {_V} @eupnea_{op}({_V} {args[0]})"]
    if op == "sqrt":
        return [f"{here} = call {_V} @llvm.sqrt.v{WIDTH}f64({_V} {args[0]})"]
    if op == "pow":  # a ** b = exp(b log a)
        return [f"{here}m = fmul {_V} {args[1]}, {args[2]}", f"{here} = call {_V} @eupnea_exp({_V} {here}m)"]
    flags = vector("i1")
    if op == "where":
        return [
            f"{here}c = fcmp one {_V} {args[0]}, {literal(0.0)}",
            f"{here} = select {flags} {here}c, {_V} {args[1]}, {_V} {args[2]}",
        ]
    compare = f"{here}c = fcmp {_COMPARE[op]} {_V} {args[0]}, {args[1]}"
    chosen = args if op in ("min", "max") else (literal(1.0), literal(0.0))
    return [compare, f"{here} = select {flags} {here}c, {_V} {chosen[0]}, {_V} {chosen[1]}"]
