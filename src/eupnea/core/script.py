"""Traced operations -> Python text that reads like equations and needs `math` alone.

The second writer of the list that `core/native.py` turns into machine code: to read, for the book of equations, and for
whatever runs Python functions elsewhere.  What is used once stands where it is used, the rest has a name: that of the
pool, number or signal that it is, else v1, v2, ...  The past of a signal is asked as ago(name, value now, delay).
"""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .compose import System
from .graph import Node, Symbol, operands_of
from .trace import Traced, trace

_WIDE: Final = 84  # characters; a longer expression is written in two
_BINARY: Final = {
    "lt": ("<", 1), "le": ("<=", 1), "gt": (">", 1), "ge": (">=", 1), "add": ("+", 2), "sub": ("-", 2), "mul": ("*", 3),
    "div": ("/", 3),
}  # fmt: skip
_WHERE, _COMPARE, _NEGATIVE, _POWER, _ATOM = 0, 1, 4, 5, 6  # how tightly an expression holds together
_TAKEN: Final = frozenset({*keyword.kwlist, *"t step y p ago exp log sqrt inf nan min max float".split()})
_HEAD: Final = '''"""Written by eupnea.core.script from its equations: t [min], y the pools, p the numbers."""

from math import exp, inf, log, nan, sqrt
'''


@dataclass(frozen=True)
class _Words:
    """What all functions of a text share."""

    nodes: Sequence[Node]
    names: Mapping[int, str]
    units: Mapping[str, Sequence[str]]  # of what is unpacked
    heard: Sequence[str]


def script(system: System, traced: Traced | None = None) -> str:
    """The text of a module with the functions rates, jacobian, signals, crossings and assigned, each of which gives a
    list of numbers, and the lists that say whose: POOLS, NUMBERS, SIGNALS, EVENTS, ENTRIES (row, column) of the
    Jacobian, ASSIGNED (event, pool)."""
    traced = trace(system) if traced is None else traced
    pools, events, signals = system.pools, system.events, [*system.signals]
    lists: Mapping[str, Iterable[Any]] = dict(POOLS=pools, NUMBERS=system.parameters, SIGNALS=signals, EVENTS=events)
    lists = {**lists, "ENTRIES": traced.entries, "ASSIGNED": traced.assigned}
    slopes = [f"d {pools[row]} / d {pools[column]}" for row, column in traced.entries]
    changes = [f"{events[event]}: {pools[pool]}" for event, pool in traced.assigned]
    units = dict(pool=system.units, number=system.parameter_units)
    say = _Words(traced.graph.nodes, _names(system, traced), units, system.heard)
    per = [f"{pool} [{unit} per min]" for pool, unit in zip(pools, system.units, strict=True)]
    functions = [
        _function("rates", "How fast every pool changes.", say, traced.rates, per),
        _function("jacobian", "d rate / d pool; `step` is the length of the step [min].", say, traced.jacobian, slopes,
                  "step, "),
        _function("signals", "Every signal.", say, traced.signals, signals),
        _function("crossings", "Each event happens where its number rises through 0.", say, traced.crossings, events),
        _function("assigned", "What each event makes of a pool.", say, traced.values, changes),
    ]  # fmt: skip
    parts = [_HEAD, *(_list(name, content) for name, content in lists.items())]
    return "\n".join([*parts, *(f"\n\n{function}" for function in functions), ""])


def _list(name: str, content: Iterable[Any]) -> str:
    lines = [f"    {one!r}," for one in content]
    return "\n".join([f"{name} = [", *lines, "]"]) if lines else f"{name} = []"


def _names(system: System, traced: Traced) -> dict[int, str]:
    """{node: what it is called} where it has a name of its own; two never share one."""
    found: dict[int, str] = {}
    used = set(_TAKEN)
    own = {"pool": system.pools, "number": system.parameters}
    for index, (op, *operands) in enumerate(traced.graph.nodes):
        if op in own:
            found[index] = _new(own[op][operands[0]], used)
        elif op == "ago":
            found[index] = _new(f"{system.heard[operands[0]]}_ago", used)
    for name, symbol in zip(system.signals, traced.signals, strict=True):
        if symbol.index not in found and symbol.constant() is None:
            found[symbol.index] = _new(name, used)
    return found


def _new(full: str, used: set[str]) -> str:
    plain = re.sub(r"\W", "_", full)
    plain = f"_{plain}" if re.match(r"\d|v\d+$", plain) else plain
    word = next(x for x in (plain, *(f"{plain}_{k}" for k in range(2, len(used) + 3))) if x not in used)
    used.add(word)
    return word


def _operands(node: Node) -> Sequence[int]:
    """What the text of a node is made of: a power needs no logarithm."""
    return operands_of(node)[:2] if node[0] == "pow" else operands_of(node)


def _function(
    name: str, doc: str, say: _Words, outputs: Sequence[Symbol], comments: Sequence[str], more: str = ""
) -> str:
    nodes, waiting, uses = say.nodes, [o.index for o in outputs], Counter(o.index for o in outputs)
    needed: set[int] = set()
    while waiting:
        index = waiting.pop()
        if index not in needed:
            needed.add(index)
            waiting += _operands(nodes[index])
            uses.update(_operands(nodes[index]))
    lines = [f"def {name}(t, {more}y, p, ago):", f'    """{doc}"""']
    text: dict[int, tuple[str, int]] = {}
    for index in sorted(needed):
        word = say.names.get(index, "")
        written, tight = _written(nodes[index], text, say)
        if nodes[index][0] not in ("const", "time", "step") and (word or uses[index] > 1 or len(written) > _WIDE):
            unit = f"  # {say.units[nodes[index][0]][nodes[index][1]]}" if nodes[index][0] in say.units else ""
            word = word or f"v{index}"
            lines.append(f"    {word} = {written}{unit}")
            written, tight = word, _ATOM
        text[index] = written, tight
    rows = [f"        {text[o.index][0]},  # {comment}" for o, comment in zip(outputs, comments, strict=True)]
    return "\n".join([*lines, "    return [", *rows, "    ]"] if rows else [*lines, "    return []"])


def _written(node: Node, text: Mapping[int, tuple[str, int]], say: _Words) -> tuple[str, int]:
    """A node as an expression, and how tightly that holds together."""
    op, *operands = node

    def inside(operand: int, least: int) -> str:
        written, tight = text[operand]
        return written if tight >= least else f"({written})"

    if op in ("pool", "number"):
        return f"{'y' if op == 'pool' else 'p'}[{operands[0]}]", _ATOM
    if op == "const":
        return repr(operands[0]), _NEGATIVE if repr(operands[0])[0] == "-" else _ATOM
    if op in ("time", "step"):
        return "t" if op == "time" else "step", _ATOM
    if op == "ago":
        return f"ago({say.heard[operands[0]]!r}, {text[operands[1]][0]}, {text[operands[2]][0]})", _ATOM
    if op in _BINARY:
        sign, tight = _BINARY[op]
        left = tight + 1 if tight == _COMPARE else tight
        return f"{inside(operands[0], left)} {sign} {inside(operands[1], tight + 1)}", tight
    if op == "neg":
        return f"-{inside(operands[0], _POWER)}", _NEGATIVE
    if op == "pow":
        return f"{inside(operands[0], _ATOM)} ** {inside(operands[1], _ATOM)}", _POWER
    if op == "where":
        test, one, other = (inside(operand, _COMPARE) for operand in operands)
        test = test if text[operands[0]][1] == _COMPARE else f"{inside(operands[0], _COMPARE + 1)} != 0"
        return f"{one} if {test} else {other}", _WHERE
    return f"{op}({', '.join(text[operand][0] for operand in operands)})", _ATOM
