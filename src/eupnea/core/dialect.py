"""What an expression of the dialect is in LLVM: numbers, arrays by address, `Lanes`, and what they do with one another.

See `core/translate.py`, which has the statements.
"""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import ast
import inspect
import operator
from collections.abc import Callable
from typing import Any, Final

from llvmlite import ir

from .elementary import WIDTH

WHOLE, REAL, FLAG, VOID = ir.IntType(64), ir.DoubleType(), ir.IntType(1), ir.VoidType()
LANES = ir.VectorType(REAL, WIDTH)
WHOLES, REALS = WHOLE.as_pointer(), REAL.as_pointer()
_ARRAYS: Final = ("wholes", "reals")
_COMPARE: Final = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_KNOWN: Final = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}  # fmt: skip
_ARITHMETIC: Final[dict[type, tuple[Callable[..., Any], str, str]]] = {
    ast.Add: (operator.add, "add", "fadd"),
    ast.Sub: (operator.sub, "sub", "fsub"),
    ast.Mult: (operator.mul, "mul", "fmul"),
    ast.Div: (operator.truediv, "", "fdiv"),
}


class TranslateError(TypeError):
    """A function says something that is not part of the dialect."""


class Values:
    """Expressions of one function.  A value is an LLVM value, a Python constant, or a tuple of values."""

    program: Any  # core.translate._Program
    source: Any  # the function, in Python
    made: Any  # and in LLVM
    build: Any  # where the next instruction goes
    first: Any  # the block in which memory is set aside
    names: dict[str, Any]  # a place in memory, or a constant of a loop that is written out

    def refuse(self, node: Any, text: str) -> TranslateError:
        line = self.source.__code__.co_firstlineno + node.lineno - 1
        return TranslateError(f"{self.source.__code__.co_filename}:{line}: {text}")

    def _unknown(self, node: Any) -> Any:
        raise self.refuse(node, f"{type(node).__name__} is not part of the dialect")

    def value(self, node: Any) -> Any:
        return getattr(self, f"_{type(node).__name__}", self._unknown)(node)

    def _Constant(self, node: ast.Constant) -> Any:
        return node.value

    def _Tuple(self, node: ast.Tuple) -> Any:
        return tuple(self.value(item) for item in node.elts)

    def _Name(self, node: ast.Name) -> Any:
        if node.id in self.names:
            held = self.names[node.id]
            return self.build.load(held) if isinstance(held, ir.AllocaInstr) else held
        if node.id in self.source.__globals__:
            return self.source.__globals__[node.id]
        raise self.refuse(node, f"nothing is called '{node.id}'")

    def _Attribute(self, node: ast.Attribute) -> Any:
        owner = self.value(node.value)
        if not isinstance(owner, ir.Value):
            return getattr(owner, node.attr)
        word, kind = self.build.load(self.word(node)), self.program.table[node.attr]
        if kind != "count":  # what nobody writes is read once, not again in every turn of a loop
            word.set_metadata("invariant.load", self.program.nothing)
        return self.build.inttoptr(word, WHOLES if kind == "wholes" else REALS) if kind in _ARRAYS else word

    def word(self, node: ast.Attribute) -> Any:
        """Where in the table something stands."""
        if node.attr not in self.program.table:
            raise self.refuse(node, f"nothing in the table is called '{node.attr}'")
        place = [*self.program.table].index(node.attr)
        return self.build.gep(self.value(node.value), [ir.Constant(WHOLE, place)])

    def place(self, node: ast.Subscript) -> Any:
        return self.build.gep(self.value(node.value), [self.typed(self.value(node.slice), WHOLE)])

    def _Subscript(self, node: ast.Subscript) -> Any:
        owner = self.value(node.value)
        if not isinstance(owner, ir.Value):
            return owner[self.value(node.slice)].item()  # a number of an array of constants
        return self.build.load(self.place(node))

    def _BinOp(self, node: ast.BinOp) -> Any:
        return self.arithmetic(node, node.op, self.value(node.left), self.value(node.right))

    def arithmetic(self, node: Any, op: Any, a: Any, b: Any) -> Any:
        if type(op) not in _ARITHMETIC:
            raise self.refuse(node, f"{type(op).__name__} is not part of the dialect")
        known, whole, real = _ARITHMETIC[type(op)]
        if not isinstance(a, ir.Value) and not isinstance(b, ir.Value):
            return known(a, b)
        a, b = self.alike(a, b)
        if a.type == WHOLE and whole:
            return getattr(self.build, whole)(a, b)
        if a.type == WHOLE:
            a, b = self.typed(a, REAL), self.typed(b, REAL)
        return getattr(self.build, real)(a, b)

    def _UnaryOp(self, node: ast.UnaryOp) -> Any:
        value = self.value(node.operand)
        if isinstance(node.op, ast.Not):
            return self.build.not_(self.flag(value)) if isinstance(value, ir.Value) else not value
        if not isinstance(value, ir.Value):
            return -value
        return self.build.neg(value) if value.type == WHOLE else self.build.fneg(value)

    def _Compare(self, node: ast.Compare) -> Any:
        values = [self.value(one) for one in (node.left, *node.comparators)]
        found: Any = None
        for op, a, b in zip(node.ops, values, values[1:], strict=False):
            if not isinstance(a, ir.Value) and not isinstance(b, ir.Value):
                return _KNOWN[type(op)](a, b)
            a, b = self.alike(a, b)
            if a.type in (WHOLE, FLAG):
                one = self.build.icmp_signed(_COMPARE[type(op)], a, b)
            else:
                one = self.build.fcmp_ordered(_COMPARE[type(op)], a, b)
            found = one if found is None else self.build.and_(found, one)
        return found

    def _BoolOp(self, node: ast.BoolOp) -> Any:
        place, after = ir.IRBuilder(self.first).alloca(FLAG), self.made.append_basic_block("known")
        for number, one in enumerate(node.values):
            flag = self.flag(self.value(one))
            self.build.store(flag, place)
            if number == len(node.values) - 1:
                self.build.branch(after)
                continue
            more = self.made.append_basic_block("ask")
            self.build.cbranch(flag, *((more, after) if isinstance(node.op, ast.And) else (after, more)))
            self.build.position_at_end(more)
        self.build.position_at_end(after)
        return self.build.load(place)

    def _IfExp(self, node: ast.IfExp) -> Any:
        test = self.value(node.test)
        if not isinstance(test, ir.Value):
            return self.value(node.body if test else node.orelse)
        then, other, after = (self.made.append_basic_block(x) for x in ("then", "else", "after"))
        self.build.cbranch(self.flag(test), then, other)
        self.build.position_at_end(then)
        a = self.typed(self.value(node.body))
        place = ir.IRBuilder(self.first).alloca(a.type)
        self.build.store(a, place)
        self.build.branch(after)
        self.build.position_at_end(other)
        self.build.store(self.typed(self.value(node.orelse), a.type), place)
        self.build.branch(after)
        self.build.position_at_end(after)
        return self.build.load(place)

    def _Call(self, node: ast.Call) -> Any:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        arguments = [self.value(argument) for argument in node.args]
        if name in BUILT_IN:
            return BUILT_IN[name](self, *arguments)
        function = self.source.__globals__.get(name)
        if not inspect.isfunction(function):
            raise self.refuse(node, f"'{name}' is no function that can be called here")
        typed = [self.typed(argument) for argument in arguments]
        made = self.program.function(function, [value.type for value in typed])
        found = self.build.call(made, typed)
        if isinstance(found.type, ir.LiteralStructType):
            return tuple(self.build.extract_value(found, k) for k in range(len(found.type.elements)))
        return found

    # --- types ---

    def typed(self, value: Any, wanted: ir.Type | None = None) -> Any:
        """An LLVM value, of the type that is wanted if one is."""
        if isinstance(value, bool):
            value = ir.Constant(FLAG, int(value))
        elif isinstance(value, int):
            value = ir.Constant(WHOLE, value)
        elif isinstance(value, float):
            value = ir.Constant(REAL, value)
        if wanted is None or value.type == wanted:
            return value
        if value.type == FLAG and wanted == WHOLE:
            return self.build.zext(value, WHOLE)
        if value.type == WHOLE and wanted in (REAL, LANES):
            return self.typed(self.build.sitofp(value, REAL), wanted)
        if value.type == REAL and wanted == LANES:
            one = self.build.insert_element(ir.Constant(LANES, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
            mask = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
            return self.build.shuffle_vector(one, one, mask)
        raise TranslateError(f"{self.source.__name__}: a {value.type} where a {wanted} is needed")

    def alike(self, a: Any, b: Any) -> tuple[Any, Any]:
        a, b = self.typed(a), self.typed(b)
        for wanted in (LANES, REAL, WHOLE):
            if wanted in (a.type, b.type):
                return self.typed(a, wanted), self.typed(b, wanted)
        return a, b

    def flag(self, value: Any) -> Any:
        value = self.typed(value)
        return value if value.type == FLAG else self.build.icmp_signed("!=", value, ir.Constant(value.type, 0))


# --- what the dialect brings with it --------------------------------------------------------------------------------


def _lanes_at(body: Values, array: Any, k: Any) -> Any:
    return body.build.gep(body.build.bitcast(array, LANES.as_pointer()), [body.typed(k, WHOLE)])


def _load(body: Values, array: Any, k: Any) -> Any:
    value = body.build.load(_lanes_at(body, array, k))
    value.align = 8
    return value


def _store(body: Values, array: Any, k: Any, value: Any) -> None:
    body.build.store(body.typed(value, LANES), _lanes_at(body, array, k)).align = 8


def _pick(test: str) -> Callable[..., Any]:
    """min, max: the second where either is NaN."""

    def function(body: Values, a: Any, b: Any) -> Any:
        a, b = body.alike(a, b)
        compare = body.build.icmp_signed if a.type == WHOLE else body.build.fcmp_ordered
        return body.build.select(compare(test, a, b), a, b)

    return function


def _choose(body: Values, flag: Any, a: Any, b: Any) -> Any:
    """a in the lanes where flag is not 0, else b."""
    test = body.build.fcmp_unordered("!=", flag, ir.Constant(LANES, [0.0] * WIDTH))
    return body.build.select(test, body.typed(a, LANES), body.typed(b, LANES))


def _intrinsic(name: str, kind: str) -> Callable[..., Any]:
    def function(body: Values, *arguments: Any) -> Any:
        lanes = [body.typed(a) for a in arguments]
        wanted = LANES if LANES in [a.type for a in lanes] else REAL
        typed = [body.typed(a, wanted) for a in lanes]
        suffix = {"llvm": f".v{WIDTH}f64" if wanted == LANES else ".f64", "": ""}[kind]
        return body.build.call(body.program.outside(f"{name}{suffix}", wanted, [wanted] * len(typed)), typed)

    return function


def _call(body: Values, address: Any, t: Any, y: Any, p: Any, m: Any, out: Any) -> None:
    """`void f(double* t, double* y, double* p, void* m, double* out)` at an address."""
    kind = ir.FunctionType(VOID, [REALS, REALS, REALS, WHOLES, REALS])
    body.build.call(body.build.inttoptr(address, kind.as_pointer()), [t, y, p, m, out])


def _shifted(body: Values, array: Any, k: Any) -> Any:
    """The same array from its k-th number on."""
    return body.build.gep(array, [body.typed(k, WHOLE)])


def _every(body: Values, number: Any) -> Any:
    """The same number in every lane."""
    return body.typed(number, LANES)


BUILT_IN: Final[dict[str, Callable[..., Any]]] = {
    "load": _load, "store": _store, "min": _pick("<"), "max": _pick(">"), "choose": _choose, "call": _call,
    "every": _every,
    "shifted": _shifted, "fma": _intrinsic("llvm.fma", "llvm"), "size": _intrinsic("llvm.fabs", "llvm"),
    "sqrt": _intrinsic("llvm.sqrt", "llvm"), "copysign": _intrinsic("llvm.copysign", "llvm"),
    "exp": _intrinsic("eupnea_exp", ""), "log": _intrinsic("eupnea_log", ""),
}  # fmt: skip
