"""exp and log of several numbers at once, as LLVM text: ours, so that every machine and every lane gives the same bits.

Nothing but IEEE operations in a fixed order.  exp: x = n ln 2 + r, the series of exp(r) to r^13 / 13!, scaled by 2^n.
log: x = 2^k m with m around 1, s = (m - 1) / (m + 1), ln m = 2 (s + s^3 / 3 + s^5 / 5 + ...).  [abramowitz1964, 4.1.27]
Within 2 units in the last place of the true value.  A negative number has no log: NaN.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

WIDTH = 8  # people side by side; a multiple of what any processor holds in one register

_EXP_TERMS, _LOG_TERMS = 13, 10
# ln 2 in two parts; the first has 32 bits, so that whole multiples of it are exact
_HIGH = float(np.uint64(np.float64(math.log(2)).view(np.uint64) & np.uint64(0xFFFFFFFF00000000)).view(np.float64))
_LOW = float(Fraction("0.693147180559945309417232121458176568075500134360255") - Fraction(_HIGH))
_ROUND = 1.5 * 2.0**52  # adding it leaves a whole number in the lowest bits
_LEAST_NORMAL, _SHIFT = 2.0**-1022, 54
_ROOT_HALF = int(np.float64(math.sqrt(0.5)).view(np.uint64))
_BIAS = 2048  # keeps exponents positive while they are bits


def vector(kind: str = "double") -> str:
    return f"<{WIDTH} x {kind}>"


def literal(value: float) -> str:
    """A constant for every lane."""
    return f"<{', '.join([f'double 0x{np.float64(value).view(np.uint64):016x}'] * WIDTH)}>"


def _bits(value: int) -> str:
    signed = value - 2**64 if value >= 2**63 else value
    return f"<{', '.join([f'i64 {signed}'] * WIDTH)}>"


class _Text:
    """Lines of one function, each a named value."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def new(self, text: str) -> str:
        self.lines.append(f"%n{len(self.lines)} = {text}")
        return f"%n{len(self.lines) - 1}"

    def do(self, op: str, a: str, b: str, kind: str = "double") -> str:
        return self.new(f"{op} {vector(kind)} {a}, {b}")

    def fma(self, a: str, b: str, c: str) -> str:
        v = vector()
        return self.new(f"call {v} @llvm.fma.v{WIDTH}f64({v} {a}, {v} {b}, {v} {c})")

    def where(self, a: str, test: str, b: str, then: str, other: str) -> str:
        v = vector()
        flag = self.new(f"fcmp {test} {v} {a}, {b}")
        return self.new(f"select {vector('i1')} {flag}, {v} {then}, {v} {other}")

    def cast(self, value: str, to: str) -> str:
        source = "double" if to == "i64" else "i64"
        return self.new(f"bitcast {vector(source)} {value} to {vector(to)}")

    def series(self, x: str, terms: list[Fraction]) -> str:
        """sum terms[k] x^k, by Horner's rule."""
        total = literal(float(terms[-1]))
        for term in reversed(terms[:-1]):
            total = self.fma(total, x, literal(float(term)))
        return total


def _exp() -> str:
    text = _Text()
    x = text.where("%x", "ogt", literal(720.0), literal(720.0), "%x")
    x = text.where(x, "olt", literal(-760.0), literal(-760.0), x)
    shifted = text.fma(x, literal(1 / math.log(2)), literal(_ROUND))
    n = text.do("fsub", shifted, literal(_ROUND))
    r = text.fma(n, literal(-_HIGH), x)
    r = text.fma(n, literal(-_LOW), r)
    power = text.series(r, [Fraction(1, math.factorial(k)) for k in range(_EXP_TERMS + 1)])
    half = text.do("fadd", text.do("fmul", n, literal(0.5)), literal(_ROUND))  # 2^n in two factors: neither overflows
    rest = text.do("fadd", text.do("fsub", n, text.do("fsub", half, literal(_ROUND))), literal(_ROUND))
    for part in (half, rest):
        bits = text.do("shl", text.cast(part, "i64"), _bits(52), "i64")
        bits = text.do("add", bits, _bits(0x3FF0000000000000), "i64")
        power = text.do("fmul", power, text.cast(bits, "double"))
    return _function("eupnea_exp", text, power)


def _log() -> str:
    text = _Text()
    scaled = text.do("fmul", "%x", literal(2.0**_SHIFT))
    x = text.where("%x", "olt", literal(_LEAST_NORMAL), scaled, "%x")
    lost = text.where("%x", "olt", literal(_LEAST_NORMAL), literal(float(_SHIFT)), literal(0.0))
    bits = text.cast(x, "i64")
    above = text.do("sub", bits, _bits(_ROOT_HALF), "i64")
    exponent = text.do("and", above, _bits(0xFFF0000000000000), "i64")
    m = text.cast(text.do("sub", bits, exponent, "i64"), "double")  # from sqrt(1/2) to sqrt(2)
    biased = text.do("lshr", text.do("add", above, _bits(0x4000000000000000), "i64"), _bits(52), "i64")
    whole = text.cast(text.do("or", biased, _bits(0x4330000000000000), "i64"), "double")  # 2^52 + biased
    k = text.do("fsub", text.do("fsub", whole, literal(2.0**52 + _BIAS / 2)), lost)
    f = text.do("fsub", m, literal(1.0))
    s = text.do("fdiv", f, text.do("fadd", m, literal(1.0)))
    z = text.do("fmul", s, s)
    series = text.series(z, [Fraction(2, 2 * j + 3) for j in range(_LOG_TERMS)])
    small = text.fma(text.do("fmul", s, z), series, text.do("fmul", k, literal(_LOW)))
    # 2 s loses a bit of f, which counts near 1: f - s f is the same and keeps it
    small = text.do("fsub", small, text.do("fmul", s, f))
    value = text.fma(k, literal(_HIGH), text.do("fadd", f, small))
    value = text.where("%x", "olt", literal(math.inf), value, "%x")  # inf and NaN stay
    value = text.where("%x", "ogt", literal(0.0), value, literal(math.nan))
    value = text.where("%x", "oeq", literal(0.0), literal(-math.inf), value)
    return _function("eupnea_log", text, value)


def _function(name: str, text: _Text, result: str) -> str:
    v = vector()
    head = f"define internal {v} @{name}({v} %x) alwaysinline {{"
    return "\n".join([head, *text.lines, f"ret {v} {result}", "}"])


def text() -> str:
    """Both functions, and what they need."""
    v = vector()
    declared = [
        f"declare {v} @llvm.fma.v{WIDTH}f64({v}, {v}, {v})",
        f"declare {v} @llvm.sqrt.v{WIDTH}f64({v})",
    ]
    return "\n".join([*declared, _exp(), _log()])
