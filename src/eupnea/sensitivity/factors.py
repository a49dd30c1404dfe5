"""What is moved together: one number, or all numbers of one process."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from eupnea.knowledge import Uncertain

OTHERS: Final = "all others"


@dataclass(frozen=True)
class Factor:
    """Columns of a matrix of draws that move together."""

    name: str
    columns: tuple[int, ...]
    numbers: tuple[Uncertain, ...]

    @classmethod
    def of(cls, name: str, factors: Sequence[Factor]) -> Factor:
        """Several as one."""
        columns = tuple(column for factor in factors for column in factor.columns)
        return cls(name, columns, tuple(number for factor in factors for number in factor.numbers))


def by_number(numbers: Sequence[Uncertain]) -> list[Factor]:
    return [Factor(number.name, (i,), (number,)) for i, number in enumerate(numbers)]


def by_process(numbers: Sequence[Uncertain], drugs: Collection[str]) -> list[Factor]:
    """One for each process, of all its numbers, whatever the drug."""
    groups: dict[str, list[Factor]] = {}
    for factor in by_number(numbers):
        groups.setdefault(_process(factor.numbers[0], drugs), []).append(factor)
    return [Factor.of(name, group) for name, group in groups.items()]


def _process(number: Uncertain, drugs: Collection[str]) -> str:
    """The second word of DRUG.PROCESS.ROW, the first of PROCESS.ROW."""
    words = number.quantity.split(".")
    return words[1] if words[0] in drugs else words[0]
