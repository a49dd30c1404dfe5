"""Arithmetic over outcomes of runs, written as one would on paper and computed without running any code.

    iv[cmax(mam.arterial)] / iv[cmax(heroin.arterial)]          scenario `iv` of this topic
    bche:silent[tmax(mam.venous)] - {2 min}                     its arm `silent`; a number with a unit stands in {}
    intravenous.iv[auc(m6g.arterial) in nmol*h/L]               scenario `iv` of the topic `intravenous`
    row[mam.receptor.mop.efficacy]                              a number of the model's own data

with + - * / ( ), log, sqrt and max(a, b, ...). Units are carried along, so that a wrong one is an error.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from eupnea.core import quantity
from eupnea.core.errors import UnitError

_REFERENCE = re.compile(r"([A-Za-z_][\w.]*)(?::([\w-]+))?\[([^\]]+)\]|\{([^}]+)\}")
_WORDS: Final = MappingProxyType({"log": math.log, "sqrt": math.sqrt})
Number = tuple[float, str]  # value and unit


@dataclass(frozen=True)
class Reference:
    """One name in a quantity: an outcome of a run, a row of data, or a plain amount with its unit."""

    kind: str  # "outcome", "row" or "amount"
    text: str
    scenario: str = ""  # "topic.scenario"
    arm: str = ""


def parse(text: str, topic: str = "") -> tuple[ast.expr, tuple[Reference, ...]]:
    """A quantity as Python's own tree of arithmetic, its references replaced by _0, _1, ..."""
    found: list[Reference] = []

    def name(match: re.Match[str]) -> str:
        where, arm, what, amount = match.groups()
        if amount is not None:
            quantity.parse(amount)
            new = Reference("amount", amount)
        elif where == "row":
            new = Reference("row", what.strip())
        else:
            new = Reference("outcome", " ".join(what.split()), where if "." in where else f"{topic}.{where}", arm or "")
        if new not in found:
            found.append(new)
        return f" _{found.index(new)} "

    plain = _REFERENCE.sub(name, text)
    try:
        tree = ast.parse(plain.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"'{text}' is not a quantity") from None
    _check(tree, text)
    return tree, tuple(found)


def _check(node: ast.AST, text: str) -> None:
    """Arithmetic and nothing else: no attribute, no call but the words, no name but our own."""
    match node:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right=right):
            _check(left, text)
            _check(right, text)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            _check(operand, text)
        case ast.Call(func=ast.Name(id=word), args=[one], keywords=[]) if word in _WORDS:
            _check(one, text)
        case ast.Call(func=ast.Name(id="max"), args=[_, _, *_] as several, keywords=[]):
            for one in several:
                _check(one, text)
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            pass
        case ast.Name(id=word) if re.fullmatch(r"_\d+", word):
            pass
        case _:
            words = ", ".join((*_WORDS, "max"))
            raise ValueError(f"'{text}' may hold outcomes, numbers, + - * / ( ) and {words}, nothing else")


def evaluate(
    tree: ast.expr, references: Sequence[Reference], unit: str, look_up: Callable[[Reference], Number | None]
) -> float | None:
    """The quantity in `unit`; None if an outcome that it needs does not exist.  Raises UnitError."""
    numbers: list[Number] = []
    for r in references:
        number = quantity.parse(r.text) if r.kind == "amount" else look_up(r)
        if number is None or not math.isfinite(number[0]):
            return None
        numbers.append(number)
    try:
        value, own = _compute(tree, numbers)
    except UnitError:
        raise
    except (ZeroDivisionError, ValueError):  # nothing to divide by, or the logarithm of nothing
        return None
    return value * quantity.factor(own, unit)


def _compute(node: ast.expr, numbers: Sequence[Number]) -> Number:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number), "1"
        case ast.Name(id=word):
            return numbers[int(word[1:])]
        case ast.UnaryOp(operand=operand):
            number, unit = _compute(operand, numbers)
            return -number, unit
        case ast.Call(func=ast.Name(id=word), args=[one]):
            number, unit = _compute(one, numbers)
            return _WORDS[word](number * quantity.factor(unit, "1")), "1"
        case ast.Call(args=several):
            each = [_compute(one, numbers) for one in several]
            unit = each[0][1]
            return max(number * quantity.factor(own, unit) for number, own in each), unit
        case ast.BinOp(left=left, op=op, right=right):
            (a, ua), (b, ub) = _compute(left, numbers), _compute(right, numbers)
            match op:
                case ast.Add():
                    return a + b * quantity.factor(ub, ua), ua
                case ast.Sub():
                    return a - b * quantity.factor(ub, ua), ua
                case ast.Mult():
                    return a * b, ub if ua == "1" else ua if ub == "1" else f"({ua})*({ub})"
                case ast.Div():
                    return a / b, "1" if ua == ub else ua if ub == "1" else f"({ua})/({ub})"
    raise TypeError("not arithmetic")
