"""Functions written in a small part of Python -> LLVM text: what the loop of the solver is compiled with.

Numbers (64-bit whole, double), arrays of them by address, and lanes: WIDTH doubles side by side, on which + - * / work
lane by lane.  `m` is the table of `core/memory.py`: m.time is the array, m.pools the number of that name.  There are
assignments, if, while, for over range (a loop) or over a tuple (written out), and / or / not, a if b else c, calls of
other such functions and of what BUILT_IN of `core/dialect.py` names.  Anything else is refused with file and line.

Numba compiles the same functions in 12 s; this takes one, which a newcomer waits for at the first run.
"""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Mapping
from typing import Any, Final

from llvmlite import ir

from . import elementary
from .dialect import FLAG, REAL, VOID, WHOLE, Values

_RETURNS: Final = {
    "None": VOID, "int": WHOLE, "float": REAL, "bool": FLAG, "tuple[float, float]": ir.LiteralStructType([REAL, REAL]),
}  # fmt: skip


def translate(entries: dict[str, tuple[Any, list[ir.Type]]], table: Mapping[str, str]) -> str:
    """LLVM text with these functions: name -> (function, types of its arguments).

    table: name -> "size" | "count" | "wholes" | "reals" of what stands in the table m, in its order; of these, only a
    count is ever written to.
    """
    module = ir.Module()
    program = _Program(module, table)
    for name, (function, arguments) in entries.items():
        program.function(function, arguments, name)
    return "\n".join([_without_repeats(str(module)), elementary.text()])


def _without_repeats(text: str) -> str:
    """What `core/elementary.py` declares or defines itself is not declared twice."""
    given = [line.split("@")[1].split("(")[0] for line in elementary.text().splitlines() if line[:2] == "de"]
    quoted = {f'@"{name}"(' for name in given}
    lines = text.splitlines()
    return "\n".join(x for x in lines if not (x.startswith("declare") and any(q in x for q in quoted)))


class _Program:
    """The functions translated so far, each for the types that it is called with."""

    def __init__(self, module: ir.Module, table: Mapping[str, str]) -> None:
        self.module, self.table, self.nothing = module, table, module.add_metadata([])
        self.made: dict[tuple[Any, ...], ir.Function] = {}

    def function(self, function: Any, types: list[ir.Type], name: str = "") -> Any:
        key = (function, *map(str, types))
        if key not in self.made:
            tree: Any = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
            kind = ir.FunctionType(_RETURNS[ast.unparse(tree.returns)], types)
            made = ir.Function(self.module, kind, name or f"{function.__name__}.{len(self.made)}")
            made.linkage = "" if name else "internal"
            self.made[key] = made
            _Body(self, function, tree, types, made).write()
        return self.made[key]

    def outside(self, name: str, result: ir.Type, types: list[ir.Type]) -> Any:
        if name not in self.module.globals:
            ir.Function(self.module, ir.FunctionType(result, types), name)
        return self.module.globals[name]


class _Body(Values):
    """One function on its way into LLVM, statement by statement."""

    def __init__(self, program: _Program, function: Any, tree: Any, types: list[ir.Type], made: Any) -> None:
        self.program, self.source, self.tree = program, function, tree
        self.names: dict[str, Any] = {}  # a place in memory, or a constant of a loop that is written out
        self.made, self.again = made, None
        self.first = made.append_basic_block("first")
        self.build = ir.IRBuilder(made.append_basic_block("body"))
        for argument, value in zip(tree.args.args, made.args, strict=True):
            self.assign(argument.arg, value)

    def write(self) -> None:
        self.block(self.tree.body)
        if not self.build.block.is_terminated:
            self.build.ret_void()
        ir.IRBuilder(self.first).branch(self.made.blocks[1])

    # --- statements ---

    def block(self, body: list[Any]) -> None:
        for statement in body:
            if self.build.block.is_terminated:
                return
            getattr(self, f"_{type(statement).__name__}", self._unknown)(statement)

    def _Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.value(node.value)

    def _Assign(self, node: ast.Assign) -> None:
        target, value = node.targets[0], self.value(node.value)
        if isinstance(target, ast.Tuple):
            for one, part in zip(target.elts, value, strict=True):
                self.put(one, part)
        else:
            self.put(target, value)

    def _AugAssign(self, node: ast.AugAssign) -> None:
        left = ast.parse(ast.unparse(node.target), mode="eval").body
        self.put(node.target, self.arithmetic(node, node.op, self.value(left), self.value(node.value)))

    def put(self, target: Any, value: Any) -> None:
        if isinstance(target, ast.Name):
            self.assign(target.id, value)
        elif isinstance(target, (ast.Subscript, ast.Attribute)):
            if isinstance(target, ast.Attribute) and self.program.table.get(target.attr, "count") != "count":
                raise self.refuse(target, f"'{target.attr}' stays as it is: only a count is written")
            place = self.place(target) if isinstance(target, ast.Subscript) else self.word(target)
            self.build.store(self.typed(value, place.type.pointee), place)
        else:
            self._unknown(target)

    def assign(self, name: str, value: Any) -> None:
        if isinstance(value, tuple):
            self.names[name] = value
            return
        value = self.typed(value)
        if name not in self.names or not isinstance(self.names[name], ir.AllocaInstr):
            self.names[name] = ir.IRBuilder(self.first).alloca(value.type, name=name)
        place = self.names[name]
        self.build.store(self.typed(value, place.type.pointee), place)

    def _If(self, node: ast.If) -> None:
        test = self.value(node.test)
        if not isinstance(test, ir.Value):
            self.block(node.body if test else node.orelse)
            return
        then, other, after = (self.made.append_basic_block(x) for x in ("then", "else", "after"))
        self.build.cbranch(self.flag(test), then, other)
        goes_on = False
        for start, body in ((then, node.body), (other, node.orelse)):
            self.build.position_at_end(start)
            self.block(body)
            if not self.build.block.is_terminated:
                self.build.branch(after)
                goes_on = True
        self.build.position_at_end(after)
        if not goes_on:
            self.build.unreachable()

    def _While(self, node: ast.While) -> None:
        test, body, after = (self.made.append_basic_block(x) for x in ("test", "loop", "done"))
        self.build.branch(test)
        self.build.position_at_end(test)
        self.build.cbranch(self.flag(self.value(node.test)), body, after)
        self.loop(node.body, body, test, after)

    def _For(self, node: Any) -> None:
        name = node.target.id
        if isinstance(node.iter, ast.Tuple):  # written out, with the values as constants where they are
            for item in node.iter.elts:
                value = self.value(item)
                self.names.pop(name, None)
                if isinstance(value, ir.Value):
                    self.assign(name, value)
                else:
                    self.names[name] = value
                once, after = self.made.append_basic_block("once"), self.made.append_basic_block("next")
                self.build.branch(once)
                self.loop(node.body, once, after, after)
            return
        bounds = [self.typed(self.value(a), WHOLE) for a in node.iter.args]
        start, stop = (ir.Constant(WHOLE, 0), bounds[0]) if len(bounds) == 1 else bounds[:2]
        step = bounds[2] if len(bounds) == 3 else ir.Constant(WHOLE, 1)
        self.names.pop(name, None)
        self.assign(name, start)
        place = self.names[name]
        test, body, more, after = (self.made.append_basic_block(x) for x in ("test", "loop", "more", "done"))
        self.build.branch(test)
        self.build.position_at_end(test)
        self.build.cbranch(self.build.icmp_signed("<", self.build.load(place), stop), body, after)
        self.build.position_at_end(more)
        self.build.store(self.build.add(self.build.load(place), step), place)
        self.build.branch(test)
        self.loop(node.body, body, more, after)

    def loop(self, body: list[Any], start: Any, again: Any, after: Any) -> None:
        outer, self.again = self.again, again
        self.build.position_at_end(start)
        self.block(body)
        if not self.build.block.is_terminated:
            self.build.branch(again)
        self.again = outer
        self.build.position_at_end(after)

    def _Continue(self, node: ast.Continue) -> None:
        self.build.branch(self.again)

    def _Return(self, node: ast.Return) -> None:
        if node.value is None:
            self.build.ret_void()
            return
        value = self.value(node.value)
        if isinstance(value, tuple):
            parts = [self.typed(part) for part in value]
            whole: Any = ir.Constant(ir.LiteralStructType([part.type for part in parts]), ir.Undefined)
            for place, part in enumerate(parts):
                whole = self.build.insert_value(whole, part, place)
            value = whole
        self.build.ret(self.typed(value, self.made.function_type.return_type))
