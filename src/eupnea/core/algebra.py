"""The elimination of one system as straight-line LLVM IR: each number of the matrix is a value with a name.

`factor` writes the factors of shift I - J to %out, from the shift at %t and the entries of J at %y; `solve` reads them
at %t and solves in place at %out.  A walk through lists of places does the same in three times the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .elementary import WIDTH, literal, vector
from .sparse import Elimination

_V: Final = vector()
_HEAD: Final = "define void @{name}(ptr noalias %t, ptr noalias %y, ptr noalias %p, ptr %ago, ptr noalias %out) {{"


class _Values:
    """Lines of a function, and the newest value at each place."""

    def __init__(self, name: str) -> None:
        self.lines, self.now, self.count = [_HEAD.format(name=name)], dict[int, str](), 0

    def new(self, text: str) -> str:
        self.count += 1
        self.lines.append(f"%x{self.count} = {text}")
        return f"%x{self.count}"

    def load(self, array: str, place: int) -> str:
        address = self.new(f"getelementptr {_V}, ptr {array}, i64 {place}")
        return self.new(f"load {_V}, ptr {address}, align 8")

    def less(self, value: str, left: str, right: str) -> str:
        """value - left * right, rounded once."""
        minus = self.new(f"fneg {_V} {left}")
        return self.new(f"call {_V} @llvm.fma.v{WIDTH}f64({_V} {minus}, {_V} {right}, {_V} {value})")

    def store(self, place: int) -> None:
        address = self.new(f"getelementptr {_V}, ptr %out, i64 {place}")
        self.lines.append(f"store {_V} {self.now[place]}, ptr {address}, align 8")

    def text(self) -> str:
        return "\n".join([*self.lines, "ret void", "}"])


def factor(walk: Elimination) -> str:
    made = _Values("factor")
    shift, entry = made.load("%t", 0), {int(place): k for k, place in enumerate(walk.places)}
    for place in range(walk.size):
        value = shift if place in walk.diagonal else literal(0.0)
        made.now[place] = made.new(f"fsub {_V} {value}, {made.load('%y', entry[place])}") if place in entry else value
    for target, left, right in walk.factor.tolist():
        value = made.now[target]
        if left < 0:
            made.now[target] = made.new(f"fdiv {_V} {literal(1.0)}, {value}")
        elif right < 0:
            made.now[target] = made.new(f"fmul {_V} {value}, {made.now[left]}")
        else:
            made.now[target] = made.less(value, made.now[left], made.now[right])
    for place in range(walk.size):
        made.store(place)
    return made.text()


def solve(walk: Elimination) -> str:
    made, pools = _Values("solve"), range(len(walk.diagonal))
    made.now = {k: made.load("%out", k) for k in pools}
    steps: Sequence[Sequence[int]] = [*walk.forward.tolist(), *walk.backward.tolist()]
    for row, column, place in steps:
        number = made.load("%t", place)
        if column < 0:
            made.now[row] = made.new(f"fmul {_V} {made.now[row]}, {number}")
        else:
            made.now[row] = made.less(made.now[row], number, made.now[column])
    for k in pools:
        made.store(k)
    return made.text()
